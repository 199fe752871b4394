//! What a given amount would cost or earn at once (docs/spec/prices.md § 3).

use zkperp_schema as schema;

/// A resting order as an impact price meets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BookOrder {
    /// Its price, ticks, above 0.
    pub price: u64,
    /// What remains of it, lots.
    pub lots: u64,
    /// Dead at this program time and later; 0 for an order that enters no price whenever it is.
    pub expiry_ms: u64,
}

/// Which way an average price is rounded: against the one who would trade at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// Of bids: to the tick below.
    Down,
    /// Of asks: to the tick above.
    Up,
}

/// The average price at which living orders, best and oldest first, fill `impact_quote` ticks · lots;
/// `None` where 64 orders, dead ones counted, or all there are do not. `impact_quote` is above 0.
#[must_use]
pub fn impact_price(
    orders: impl IntoIterator<Item = BookOrder>,
    impact_quote: u64,
    now_ms: u64,
    rounding: Rounding,
) -> Option<u64> {
    let (mut quote, mut lots) = (0, 0);
    let met = orders.into_iter().take(schema::IMPACT_ORDERS_MAX as usize);
    for order in met.filter(|order| order.expiry_ms > now_ms) {
        let missing: u64 = impact_quote - quote;
        let take = order.lots.min(missing.div_ceil(order.price));
        quote += take * order.price;
        lots += take;
        if quote >= impact_quote {
            return Some(match rounding {
                Rounding::Down => quote / lots,
                Rounding::Up => quote.div_ceil(lots),
            });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(price: u64, lots: u64, expiry_ms: u64) -> BookOrder {
        BookOrder {
            price,
            lots,
            expiry_ms,
        }
    }

    #[test]
    fn the_average_of_what_is_taken_rounded_against_the_taker() {
        let orders = [order(100, 3, 9), order(99, 1, 5), order(98, 9, 9)];
        let price = |quote, rounding| impact_price(orders, quote, 5, rounding);
        assert_eq!(price(300, Rounding::Down), Some(100));
        // 3 lots at 100 and one at 98; the one at 99 is dead.
        assert_eq!(price(301, Rounding::Down), Some(99));
        assert_eq!(price(301, Rounding::Up), Some(100));
        assert_eq!(price(300 + 9 * 98, Rounding::Down), Some(98));
        assert_eq!(price(301 + 9 * 98, Rounding::Down), None);
    }

    #[test]
    fn the_sixty_fifth_order_is_not_met() {
        let full = |dead| {
            let dust = std::iter::repeat_n(order(100, 1, 5), dead);
            dust.chain([order(100, 50, 9)])
        };
        assert_eq!(impact_price(full(63), 100, 5, Rounding::Up), Some(100));
        assert_eq!(impact_price(full(64), 100, 5, Rounding::Up), None);
        assert_eq!(impact_price([], 1, 5, Rounding::Up), None);
    }
}
