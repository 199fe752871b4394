//! The leaves of an account: what they hold, and their parts from them (docs/spec/state.md § 6).

use zkperp_schema::{
    self as schema, account as account_felt, due as due_felt, key as key_felt, position as felt,
};

use crate::accounts::{Account, Due, Key, Position};
use crate::leaf::{EMPTY, LeafWords, from_signed, to_signed};
use crate::level::{FieldError, narrow};

impl Account {
    pub(crate) fn words(&self) -> LeafWords {
        let mut words = EMPTY;
        words[account_felt::STATUS] = u64::from(self.is_open);
        words[account_felt::COLLATERAL] = from_signed(self.collateral);
        words[account_felt::POSITIONS] = self.positions.into();
        words[account_felt::MODE] = self.mode.into();
        words[account_felt::MASTER] = self.master.into();
        words[account_felt::CLEARED] = self.cleared;
        words[account_felt::DEADLINE_MS] = self.deadline_ms;
        words[account_felt::NAMES] = self.names.into();
        words
    }

    pub(crate) fn load(&mut self, words: &LeafWords) -> Result<(), FieldError> {
        for (at, greatest, name) in [
            (account_felt::CLEARED, schema::ORDER_ID_MAX, "cleared"),
            (account_felt::DEADLINE_MS, schema::TIME_MAX, "deadline_ms"),
            (account_felt::NAMES, schema::NAMES_MAX, "names"),
        ] {
            if words[at] > greatest {
                return Err(FieldError(name));
            }
        }
        let collateral = to_signed(words[account_felt::COLLATERAL])
            .filter(|collateral| collateral.unsigned_abs() <= schema::BALANCE_MAX)
            .ok_or(FieldError("collateral"))?;
        self.is_open = match words[account_felt::STATUS] {
            0 => false,
            1 => true,
            _ => return Err(FieldError("status")),
        };
        self.positions = narrow(words, account_felt::POSITIONS, "positions")?;
        self.collateral = collateral;
        self.mode = narrow(words, account_felt::MODE, "mode")?;
        self.master = narrow(words, account_felt::MASTER, "master")?;
        self.cleared = words[account_felt::CLEARED];
        self.deadline_ms = words[account_felt::DEADLINE_MS];
        self.names = words[account_felt::NAMES] as u32;
        Ok(())
    }
}

pub(crate) fn owner_words(owner: &[u64; 3]) -> LeafWords {
    let mut words = EMPTY;
    words[..3].copy_from_slice(owner);
    words
}

pub(crate) fn owner_from_words(words: &LeafWords) -> Result<[u64; 3], FieldError> {
    let [a, b, c, rest @ ..] = *words;
    if crate::message::address_bytes(&[a, b, c]).is_none() || rest != [0; 5] {
        return Err(FieldError("owner"));
    }
    Ok([a, b, c])
}

pub(crate) fn due_words(due: Option<&Due>) -> LeafWords {
    let mut words = EMPTY;
    if let Some(due) = due {
        words[due_felt::PREV] = due.prev.into();
        words[due_felt::NEXT] = due.next.into();
        words[due_felt::TAV] = from_signed(due.tav);
        words[due_felt::MMR] = due.mmr;
        words[due_felt::IS_DUE] = 1;
    }
    words
}

pub(crate) fn due_from_words(words: &LeafWords) -> Result<Option<Due>, FieldError> {
    if *words == EMPTY {
        return Ok(None);
    }
    if words[due_felt::IS_DUE] != 1 || words[5..] != [0; 3] {
        return Err(FieldError("is_due"));
    }
    let tav = to_signed(words[due_felt::TAV]).ok_or(FieldError("tav"))?;
    let mmr = words[due_felt::MMR];
    // What a becoming due account has: below its margin, within the bounds of all sums.
    let bound = 1 << 62;
    if mmr >= bound || tav.unsigned_abs() >= bound || tav >= mmr.cast_signed() {
        return Err(FieldError("tav or mmr"));
    }
    Ok(Some(Due {
        prev: narrow(words, due_felt::PREV, "prev")?,
        next: narrow(words, due_felt::NEXT, "next")?,
        tav,
        mmr,
    }))
}

impl Key {
    pub(crate) fn is_set(&self) -> bool {
        self.limbs != [0; 5]
    }

    pub(crate) fn words(&self) -> LeafWords {
        let mut words = EMPTY;
        words[..5].copy_from_slice(&self.limbs);
        words[key_felt::NONCE] = self.nonce;
        words
    }

    pub(crate) fn from_words(words: &LeafWords) -> Result<Self, FieldError> {
        let [a, b, c, d, e, nonce, f, g] = *words;
        if nonce > schema::NONCE_MAX {
            return Err(FieldError("nonce"));
        }
        if f != 0 || g != 0 {
            return Err(FieldError("reserved"));
        }
        Ok(Self {
            limbs: [a, b, c, d, e],
            nonce,
            ..Self::default()
        })
    }
}

impl Position {
    pub(crate) fn words(&self) -> LeafWords {
        let mut words = EMPTY;
        words[felt::SIZE] = from_signed(self.size);
        words[felt::ORDERS] =
            u64::from(self.open_orders) + self.cleared * schema::ORDERS_CLEARED_SHIFT;
        words[felt::FUNDING] = from_signed(self.entry);
        words[felt::IMF_PPM] = self.imf_ppm.into();
        words[felt::TRIGGER] = from_signed(self.trigger);
        words[felt::PREV] = self.prev.into();
        words[felt::NEXT] = self.next.into();
        words[felt::LIST] = self.list.into();
        words
    }

    pub(crate) fn from_words(words: &LeafWords) -> Result<Self, FieldError> {
        if words[felt::IMF_PPM] > schema::IMF_PPM_MAX {
            return Err(FieldError("imf_ppm"));
        }
        let size = to_signed(words[felt::SIZE])
            .filter(|size| size.unsigned_abs() <= schema::LOTS_MAX)
            .ok_or(FieldError("size"))?;
        let open_orders = words[felt::ORDERS] % schema::ORDERS_CLEARED_SHIFT;
        let cleared = words[felt::ORDERS] / schema::ORDERS_CLEARED_SHIFT;
        if open_orders > schema::OPEN_ORDERS_MAX || cleared > schema::ORDER_ID_MAX {
            return Err(FieldError("orders"));
        }
        Ok(Self {
            size,
            open_orders: open_orders as u32,
            cleared,
            imf_ppm: words[felt::IMF_PPM] as u32,
            entry: to_signed(words[felt::FUNDING]).ok_or(FieldError("funding"))?,
            trigger: to_signed(words[felt::TRIGGER]).ok_or(FieldError("trigger"))?,
            seq: 0,
            prev: narrow(words, felt::PREV, "prev")?,
            next: narrow(words, felt::NEXT, "next")?,
            list: narrow(words, felt::LIST, "list")?,
            ..Self::default()
        })
    }
}
