//! The lists in which conditional orders wait for the mark: linked through their leaves, begun by
//! the market's `stops` (docs/spec/conditional.md § 1).

use crate::address::MarketPart;
use crate::advice::Neighbours;
use crate::conditional::StopList;
use crate::effects::Effects;
use crate::market::{FirstStop, Market};
use crate::state::State;
use zkperp_schema::Direction;

impl Market {
    /// The head of one of its lists of conditional orders.
    #[inline]
    pub(crate) const fn first_stop(&self, direction: Direction) -> FirstStop {
        match direction {
            Direction::Rising => self.stops.rising,
            Direction::Falling => self.stops.falling,
        }
    }
}

impl State {
    /// Whether the mark is at a key of a list or beyond it.
    pub(crate) const fn is_key_crossed(market: &Market, list: StopList, key: u64) -> bool {
        key <= list.key(market.mark.mark_ticks)
    }

    /// The order that fires next in a market: the head of its first crossed list.
    pub(crate) fn crossed_stop(&self, number: u8) -> Option<u32> {
        let market = self.live_market(number);
        Direction::ALL.into_iter().find_map(|direction| {
            let list = StopList {
                market: number,
                direction,
            };
            let first = market.first_stop(direction);
            let is_crossed = first.slot != 0 && Self::is_key_crossed(market, list, first.key);
            is_crossed.then_some(first.slot)
        })
    }

    fn set_first_stop(&mut self, list: StopList, first: FirstStop) {
        let stops = &mut self.market_mut(list.market, MarketPart::Stops).stops;
        match list.direction {
            Direction::Rising => stops.rising = first,
            Direction::Falling => stops.falling = first,
        }
    }

    /// Says to two neighbours, 0 for an end of the list, what stands after the first and before the
    /// second.
    fn link_stops(&mut self, list: StopList, [prev, next]: [u32; 2], [after, before]: [u32; 2]) {
        let (table, journal) = (&mut self.conditionals, &mut self.journal);
        if next != 0 {
            table.get_mut(journal, next).prev = before;
        }
        if prev != 0 {
            table.get_mut(journal, prev).next = after;
            return;
        }
        let key = match after {
            0 => 0,
            _ => table.get(after).key,
        };
        self.set_first_stop(list, FirstStop { slot: after, key });
    }

    /// Inserts a conditional order that stands in no list yet.
    pub(crate) fn enlist_stop(&mut self, slot: u32, effects: &mut Effects) {
        let list = self.conditionals.get(slot).stop_list();
        let [prev, next] = self.conditionals.list(slot);
        let order = self.conditionals.get_mut(&mut self.journal, slot);
        (order.prev, order.next) = (prev, next);
        self.link_stops(list, [prev, next], [slot; 2]);
        effects.advice.inserted.push(Neighbours { prev, next });
    }

    /// Takes a conditional order out of its list.
    pub(crate) fn unlist_stop(&mut self, slot: u32) {
        self.conditionals.unlist(slot);
        let order = *self.conditionals.get(slot);
        let neighbours = [order.prev, order.next];
        self.link_stops(order.stop_list(), neighbours, [order.next, order.prev]);
    }
}
