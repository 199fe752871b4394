// The twelve words of a request from L1.

from generated.leaves import OwnerLeaf
from lib.signature_builtin import PublicKey

struct Request {
    kind: felt,
    account: felt,
    owner0: felt,
    owner1: felt,
    owner2: felt,
    amount: felt,
    key: felt,
    public_key: PublicKey,
}

// Proven here: 1 if the request's sender is this owner, else 0.
func is_sent_by(request: Request*, owner: OwnerLeaf*) -> felt {
    if (request.owner0 != owner.owner0) {
        return 0;
    }
    if (request.owner1 != owner.owner1) {
        return 0;
    }
    if (request.owner2 != owner.owner2) {
        return 0;
    }
    return 1;
}
