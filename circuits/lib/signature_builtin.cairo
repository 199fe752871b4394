// The one place where a signature is verified: an instance of the schnorr builtin.

from lib.builtins import Schnorr
from lib.sponge import Digest

// A public key by its encoding, the first five felts of a key's leaf.
struct PublicKey {
    w0: felt,
    w1: felt,
    w2: felt,
    w3: felt,
    w4: felt,
}

// Proven here: a valid signature of this message by this key exists. The
// signature itself is the table's witness.
func verify_signature{schnorr_ptr: Schnorr*}(key: PublicKey*, message: Digest*) {
    assert schnorr_ptr.key0 = key.w0;
    assert schnorr_ptr.key1 = key.w1;
    assert schnorr_ptr.key2 = key.w2;
    assert schnorr_ptr.key3 = key.w3;
    assert schnorr_ptr.key4 = key.w4;
    assert schnorr_ptr.message0 = message.d0;
    assert schnorr_ptr.message1 = message.d1;
    assert schnorr_ptr.message2 = message.d2;
    assert schnorr_ptr.message3 = message.d3;
    let schnorr_ptr = schnorr_ptr + Schnorr.SIZE;
    return ();
}

// Proven here: whether all limbs are zero ("no key").
func is_no_key(key: PublicKey*) -> felt {
    if (key.w0 != 0) {
        return 0;
    }
    if (key.w1 != 0) {
        return 0;
    }
    if (key.w2 != 0) {
        return 0;
    }
    if (key.w3 != 0) {
        return 0;
    }
    if (key.w4 != 0) {
        return 0;
    }
    return 1;
}
