//! What an order may ask for beside its type (docs/spec/orders.md § 1).

use zkperp_schema::{self as schema, SelfTrade};

/// The options of an order, its client id aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// It never makes a position greater, nor turns it.
    pub reduce_only: bool,
    /// What happens where it meets an order of its own.
    pub stp: SelfTrade,
    /// Its own are those of the same owner, not only those of the same account.
    pub stp_owner: bool,
}

impl Options {
    /// Those of an order that asks for nothing.
    pub const NONE: Self = Self {
        reduce_only: false,
        stp: SelfTrade::CancelMaker,
        stp_owner: false,
    };

    /// The 8 bits beside an order's lots; `is_named` says that it has a client id.
    #[must_use]
    pub const fn word(self, is_named: bool) -> u64 {
        schema::OPTION_REDUCE_ONLY * self.reduce_only as u64
            + schema::OPTION_STP * self.stp.code() as u64
            + schema::OPTION_STP_OWNER * self.stp_owner as u64
            + schema::OPTION_NAMED * is_named as u64
    }

    /// The options of a word and whether a client id follows, or `None` where a bit is set that
    /// has no meaning.
    #[must_use]
    pub const fn decode(word: u64) -> Option<(Self, bool)> {
        if word >= schema::OPTIONS_END {
            return None;
        }
        let Some(stp) = SelfTrade::from_code(word / schema::OPTION_STP % 4) else {
            return None;
        };
        let options = Self {
            reduce_only: word & schema::OPTION_REDUCE_ONLY != 0,
            stp,
            stp_owner: word & schema::OPTION_STP_OWNER != 0,
        };
        Some((options, word & schema::OPTION_NAMED != 0))
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::NONE
    }
}

/// Lots and options in the word that they share, for lots within their width.
pub(crate) const fn lots_word(lots: u64, options: Options, is_named: bool) -> u64 {
    lots + schema::RECORD_OPTIONS_SHIFT * options.word(is_named)
}

/// Lots, options and whether a client id follows, of the word that they share; `None` where the
/// word is wider than they are or has a bit without a meaning.
pub(crate) const fn split_lots(word: u64) -> Option<(u64, Options, bool)> {
    match Options::decode(word / schema::RECORD_OPTIONS_SHIFT) {
        Some((options, is_named)) => Some((word % schema::RECORD_OPTIONS_SHIFT, options, is_named)),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_below_the_end_is_that_of_its_options() {
        for word in 0..schema::OPTIONS_END {
            let (options, is_named) = Options::decode(word).unwrap();
            assert_eq!(options.word(is_named), word);
        }
        assert_eq!(Options::decode(schema::OPTIONS_END), None);
        assert_eq!(Options::decode(u64::MAX), None);
        let all = Options {
            reduce_only: true,
            stp: SelfTrade::CancelBoth,
            stp_owner: true,
        };
        assert_eq!(all.word(true), 1 + 2 * 2 + 8 + 16);
        assert_eq!(Options::default().word(false), 0);
    }

    #[test]
    fn lots_and_options_share_a_word() {
        let options = Options {
            stp: SelfTrade::Decrement,
            ..Options::NONE
        };
        let lots = (1 << schema::LOTS_BITS) - 1;
        let word = lots_word(lots, options, true);
        assert_eq!(word, lots + ((3 * 2 + 16) << 40));
        assert_eq!(split_lots(word), Some((lots, options, true)));
        assert_eq!(split_lots(32 << 40), None);
        assert_eq!(split_lots(u64::MAX), None);
    }
}
