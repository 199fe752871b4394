//! The form of records: how long each is, and which bits its words may have.

use zkperp_schema::{self as schema, Kind};

use crate::record::RecordError;

/// The most words that a record has, but for those of reports and quotes.
pub(crate) const WORDS_MAX: usize = 6;

/// Whether a record of this kind is as long as its second word says.
pub(crate) const fn is_long(kind: Kind) -> bool {
    matches!(kind, Kind::OracleReport | Kind::Quote)
}

pub(crate) const fn head_field(word: u64, shift: u64, bits: u64) -> u64 {
    word / shift % (1 << bits)
}

const fn low(bits: u64) -> u64 {
    (1 << bits) - 1
}

/// How many words the record has at whose front `words` stand.
pub(crate) fn len(kind: Kind, words: &[u64]) -> Result<usize, RecordError> {
    let front = kind.words() as usize;
    let word = |at: usize| words.get(at).copied().ok_or(RecordError::Truncated);
    let (count, max, each) = match kind {
        Kind::OracleReport => {
            let count = word(1)? / schema::RECORD_ENTRIES_SHIFT;
            (count, schema::MARKETS_MAX, 1)
        }
        Kind::Quote => {
            let count = head_field(word(1)?, schema::RECORD_QUOTES_SHIFT, schema::QUOTES_BITS);
            (count, schema::QUOTES_MAX, schema::QUOTE_ENTRY_WORDS)
        }
        Kind::Place => {
            let options = word(2)? / schema::RECORD_OPTIONS_SHIFT;
            return Ok(front + usize::from(options & schema::OPTION_NAMED != 0));
        }
        _ => return Ok(front),
    };
    if !(1..=max).contains(&count) {
        return Err(RecordError::Bits {
            kind: kind.name(),
            word: 1,
        });
    }
    Ok(front + (count * each) as usize)
}

/// Refuses words with a bit that theirs can't have.
pub(crate) fn check_bits(kind: Kind, words: &[u64]) -> Result<(), RecordError> {
    let (front, entries) = (masks(kind), entry_masks(kind));
    let count = if is_long(kind) {
        kind.words() as usize
    } else {
        WORDS_MAX
    };
    let masks = front.iter().take(count).chain(entries.iter().cycle());
    for (at, (&word, mask)) in words.iter().zip(masks).enumerate() {
        if word & !mask != 0 {
            return Err(RecordError::Bits {
                kind: kind.name(),
                word: at,
            });
        }
    }
    Ok(())
}

/// The bits that lots and options may have in the word that they share.
const LOTS_AND_OPTIONS: u64 =
    low(schema::LOTS_BITS) + (schema::OPTIONS_END - 1) * schema::RECORD_OPTIONS_SHIFT;

/// The bits that the words of each entry may have, of the kinds that have entries.
const fn entry_masks(kind: Kind) -> &'static [u64] {
    const PRICE: u64 = low(schema::PRICE_BITS + schema::MARKET_BITS);
    const ENTRY: [u64; schema::QUOTE_ENTRY_WORDS as usize] = [
        low(schema::CLIENT_ID_BITS + schema::SIDE_BITS),
        low(schema::PRICE_BITS),
        LOTS_AND_OPTIONS,
    ];
    match kind {
        Kind::OracleReport => &[PRICE],
        Kind::Quote => &ENTRY,
        _ => &[],
    }
}

/// The bits that each word of a record may have, entries aside.
fn masks(kind: Kind) -> [u64; WORDS_MAX] {
    let step = low(schema::DELTA_BITS) * schema::RECORD_DELTA_SHIFT;
    let kind_bits = low(schema::KIND_BITS);
    let key = low(schema::KEY_BITS) * schema::HEAD_KEY_SHIFT;
    let market = low(schema::MARKET_BITS) * schema::HEAD_MARKET_SHIFT;
    let order_type = low(schema::ORDER_TYPE_BITS) * schema::HEAD_TYPE_SHIFT;
    let sender = step + low(schema::ACCOUNT_BITS) * schema::HEAD_ACCOUNT_SHIFT + key + kind_bits;
    let with_order = low(schema::ORDER_ID_BITS + schema::JUMP_BITS);
    let jump = low(schema::JUMP_BITS);
    let any_head = step + schema::HEAD_BOUND - 1;
    let price = low(schema::PRICE_BITS + schema::JUMP_BITS);
    let [time, client_id] = [schema::TIME_BITS, schema::CLIENT_ID_BITS].map(low);
    let order_id = low(schema::ORDER_ID_BITS);
    match kind {
        Kind::Time => padded([kind_bits + low(schema::TIME_BITS) * schema::RECORD_TIME_SHIFT]),
        Kind::OracleReport => {
            let second = low(schema::LAG_BITS + schema::ENTRIES_BITS);
            padded([step + key + kind_bits, second])
        }
        Kind::Request => {
            let code = low(schema::CODE_BITS) * schema::RECORD_CODE_SHIFT;
            padded([step + code + kind_bits, low(schema::AMOUNT_BITS)])
        }
        Kind::Place => padded([any_head, price, LOTS_AND_OPTIONS, time, client_id]),
        Kind::PlaceConditional => {
            let trigger = low(schema::PRICE_BITS) + schema::RECORD_CONDITION_SHIFT;
            [any_head, price, LOTS_AND_OPTIONS, time, trigger, order_id]
        }
        Kind::Cancel | Kind::CancelConditional => padded([sender, with_order]),
        Kind::Amend => {
            let [price, lots] = [schema::PRICE_BITS, schema::LOTS_BITS].map(low);
            padded([sender, with_order, price, lots])
        }
        Kind::CancelNamed => padded([sender, low(schema::CLIENT_ID_BITS + schema::JUMP_BITS)]),
        Kind::SetDeadline => padded([sender, low(schema::TIME_BITS + schema::JUMP_BITS)]),
        Kind::Quote => {
            let second = low(schema::TIME_BITS + schema::QUOTES_BITS + schema::JUMP_BITS);
            padded([sender + market + order_type, second])
        }
        Kind::Withdraw => padded([sender, jump, low(schema::AMOUNT_BITS)]),
        Kind::BurnNonce => padded([sender, low(schema::NONCE_BITS)]),
        Kind::CreateAccount | Kind::CancelAll => padded([sender + market + order_type, jump]),
        Kind::Transfer => {
            let to = low(schema::ACCOUNT_BITS + schema::JUMP_BITS);
            padded([sender, to, low(schema::AMOUNT_BITS)])
        }
        Kind::SetLeverage => {
            let fraction = low(schema::FRACTION_BITS + schema::JUMP_BITS);
            padded([sender + market, fraction])
        }
        Kind::Tick => padded([step + market + kind_bits]),
        Kind::Fund => padded([kind_bits]),
        Kind::Sweep | Kind::Liquidate | Kind::Trigger => padded([step + kind_bits]),
        Kind::Deleverage => padded([sender - key]),
    }
}

/// The masks of words that are there, and none for those that are not.
fn padded<const N: usize>(front: [u64; N]) -> [u64; WORDS_MAX] {
    let mut masks = [0; WORDS_MAX];
    masks[..N].copy_from_slice(&front);
    masks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Sender;
    use crate::options::Options;
    use crate::place_conditional::Conditional;
    use crate::record::Record;
    use zkperp_schema::{Condition, OrderType, Side};

    #[test]
    fn a_conditional_order_s_record_has_six_words_of_their_bits() {
        let sender = Sender {
            account: u32::MAX,
            key: 13,
            nonce: 1 << 14,
            valid_until_ms: 1,
        };
        let command = sender.place_conditional(Conditional {
            market: 31,
            side: Side::Ask,
            order_type: OrderType::Market,
            price_ticks: low(32),
            lots: low(40),
            options: Options::NONE,
            expiry_ms: low(44),
            trigger_ticks: low(32),
            condition: Condition::TakeProfit,
            partner: low(48),
        });
        let record = Record::user(&command, schema::DELTA_MS_MAX, 1);
        let words = record.words();
        let jump = schema::NONCE_JUMP_MAX << 32;
        let head = command.head() + schema::RECORD_DELTA_SHIFT * schema::DELTA_MS_MAX;
        let rest = [low(40), low(44), low(33), low(48)];
        assert_eq!(words[..2], [head, low(32) + jump]);
        assert_eq!(words[2..], rest);
        assert_eq!(Record::decode(words), Ok(record.clone()));
        assert_eq!(Record::decode(&words[..5]), Err(RecordError::Truncated));
        for (at, bit) in [(1, 46), (2, 45), (3, 44), (4, 33), (5, 48)] {
            let mut wide = words.to_vec();
            wide[at] |= 1 << bit;
            let kind = "place_conditional";
            assert_eq!(
                Record::decode(&wide),
                Err(RecordError::Bits { kind, word: at })
            );
        }
    }
}
