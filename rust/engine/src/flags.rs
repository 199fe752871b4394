//! The `flags` felt of an order: what it asks for beside its type, and its client id
//! (docs/spec/orders.md § 1).

use zkperp_schema::{self as schema, OrderType, SelfTrade};

use crate::options::Options;

/// How far an option lies from its flag.
const SHIFT: u32 = (schema::FLAG_REDUCE_ONLY / schema::OPTION_REDUCE_ONLY).trailing_zeros();
const _: () = assert!(schema::OPTION_STP << SHIFT == schema::FLAG_STP);
const _: () = assert!(schema::OPTION_STP_OWNER << SHIFT == schema::FLAG_STP_OWNER);

/// Flags + 2^8 · client id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flags(u64);

impl Flags {
    /// Those of a new order, whose client id is within its width.
    pub(crate) const fn new(order_type: OrderType, options: Options, client_id: u64) -> Self {
        let of_type = match order_type {
            OrderType::PostOnly => schema::FLAG_POST_ONLY,
            OrderType::Slide => schema::FLAG_POST_ONLY | schema::FLAG_SLIDE,
            OrderType::Gtt | OrderType::Ioc | OrderType::Market | OrderType::Fok => 0,
        };
        let asked = options.word(false) << SHIFT;
        Self(client_id * schema::FLAGS_CLIENT_ID_SHIFT + asked + of_type)
    }

    /// Those of a leaf, if they can be some.
    pub(crate) const fn from_felt(felt: u64) -> Option<Self> {
        let flags = Self(felt);
        let is_fine = felt / schema::FLAGS_CLIENT_ID_SHIFT <= schema::CLIENT_ID_MAX
            && felt % schema::FLAGS_CLIENT_ID_SHIFT < 2 * schema::FLAG_STP_OWNER
            && (flags.has(schema::FLAG_POST_ONLY) || !flags.has(schema::FLAG_SLIDE));
        if is_fine { Some(flags) } else { None }
    }

    pub(crate) const fn felt(self) -> u64 {
        self.0
    }

    #[inline]
    const fn has(self, flag: u64) -> bool {
        self.0 & flag != 0
    }

    /// Whether the order never takes.
    pub(crate) const fn is_post_only(self) -> bool {
        self.has(schema::FLAG_POST_ONLY)
    }

    /// Whether the order only ever reduces a position.
    #[inline]
    pub(crate) const fn is_reduce_only(self) -> bool {
        self.has(schema::FLAG_REDUCE_ONLY)
    }

    /// Whether every account of the same owner is the order's own.
    pub(crate) const fn is_owner_wide(self) -> bool {
        self.has(schema::FLAG_STP_OWNER)
    }

    /// What happens where the order meets one of its own.
    pub(crate) fn self_trade(self) -> SelfTrade {
        self.options().stp
    }

    /// What the order asked for when it came.
    pub(crate) fn options(self) -> Options {
        let word = (self.0 >> SHIFT) % schema::OPTION_NAMED;
        let (options, _) = Options::decode(word).expect("Invariant: options are four bits");
        options
    }

    /// Whether the order slides where it would take.
    pub(crate) const fn is_slide(self) -> bool {
        self.has(schema::FLAG_SLIDE)
    }

    /// What the order's owner calls it, 0: nothing.
    #[inline]
    pub(crate) const fn client_id(self) -> u64 {
        self.0 / schema::FLAGS_CLIENT_ID_SHIFT
    }

    /// The type as which a resting order comes in anew.
    pub(crate) const fn order_type(self) -> OrderType {
        if self.has(schema::FLAG_SLIDE) {
            OrderType::Slide
        } else if self.has(schema::FLAG_POST_ONLY) {
            OrderType::PostOnly
        } else {
            OrderType::Gtt
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_become_flags_and_the_type_comes_back() {
        let options = Options {
            reduce_only: true,
            stp: SelfTrade::Decrement,
            stp_owner: true,
        };
        let all = Flags::new(OrderType::Slide, options, schema::CLIENT_ID_MAX);
        assert_eq!(all.felt(), (schema::CLIENT_ID_MAX << 8) + 0b11_1111);
        assert!(all.is_post_only() && all.is_reduce_only() && all.is_owner_wide());
        assert_eq!((all.options(), all.self_trade()), (options, options.stp));
        assert_eq!(all.client_id(), schema::CLIENT_ID_MAX);
        for order_type in [OrderType::Gtt, OrderType::PostOnly, OrderType::Slide] {
            let flags = Flags::new(order_type, Options::NONE, 0);
            assert_eq!(flags.order_type(), order_type);
        }
        for stp in SelfTrade::ALL {
            let options = Options {
                stp,
                ..Options::NONE
            };
            let flags = Flags::new(OrderType::Ioc, options, 0);
            assert_eq!(flags.self_trade(), stp);
            assert!(!flags.is_reduce_only() && !flags.is_owner_wide() && !flags.is_post_only());
        }
    }

    #[test]
    fn a_leaf_s_felt_has_no_other_bits() {
        let fine = [0, 1, 3, 63, (1 << 56) - 1 - 0b1100_0000];
        for felt in fine {
            assert_eq!(Flags::from_felt(felt).map(Flags::felt), Some(felt));
        }
        for felt in [2, 64, 128, 1 << 56] {
            assert_eq!(Flags::from_felt(felt), None, "{felt}");
        }
    }
}
