//! The workload: a fair mid that walks, orders around it, cancels and moves of random live orders.

use zkperp_engine::Side;
use zkperp_flow::Rng;

use super::reference::{Reference, Resting};

/// Orders that rest before the clock starts; the workload keeps about as many.
pub const PREFILL: usize = 1_000;
const ACCOUNTS: u32 = 1_000;
/// Where the mid starts, ticks.
const MID: i64 = 50_000;
/// How far prices spread; the mid stays within twice as much of where it starts.
const SPREAD: i64 = 2_500;
/// One in so many commands moves the mid by a tick.
const WALK: u32 = 8;

/// Which operations come how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Mostly moves, as exchange-core's generator has it.
    Moves,
    /// Mostly placements and cancels: makers that cancel and replace.
    Places,
}

/// What a command does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// A new order; what does not trade rests.
    Place,
    /// A new order; what does not trade is dropped.
    Take,
    /// An order is taken out.
    Cancel,
    /// An order goes to another price and is the newest there.
    Move,
}

/// A command. Of a cancel and a move account, side and lots are those of the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Command {
    /// What it does.
    pub op: Op,
    /// Side.
    pub side: Side,
    /// Owner, 1..=1000.
    pub account: u32,
    /// The order, from 1 in order of placement.
    pub order_id: u64,
    /// Limit, ticks.
    pub price_ticks: u64,
    /// Size, lots.
    pub lots: u64,
}

/// Commands, all of them valid; none meets an order of its own account.
#[derive(Clone, Debug)]
pub struct Workload {
    /// The orders that rest before the clock starts: [`PREFILL`], none of which trade.
    pub prefill: Vec<Command>,
    /// The timed commands.
    pub timed: Vec<Command>,
}

impl Workload {
    /// So many timed commands of a profile.
    #[must_use]
    pub fn new(profile: Profile, seed: u64, commands: usize) -> Self {
        let mut draw = Draw {
            profile,
            rng: Rng::new(seed),
            book: Reference::default(),
            mid: MID,
            next_id: 1,
        };
        let sides = [Side::Bid, Side::Ask].into_iter().cycle();
        let prefill = sides.take(PREFILL).map(|side| draw.first_order(side));
        let prefill = prefill.collect();
        let timed = (0..commands).map(|_| draw.command()).collect();
        Self { prefill, timed }
    }

    /// FNV-1a (64 bit) over all commands as lines of text, which identifies the workload.
    #[must_use]
    pub fn hash(&self) -> u64 {
        let lines = self.prefill.iter().chain(&self.timed).map(line);
        lines.fold(0xcbf2_9ce4_8422_2325, |hash, line| {
            line.bytes().fold(hash, |hash: u64, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
            })
        })
    }
}

/// A command as the definition writes it: `seq,op,order_id,account,side,price,qty,tif`, seq 0.
fn line(command: &Command) -> String {
    let (op, tif) = match command.op {
        Op::Place => ('P', "GTC"),
        Op::Take => ('P', "IOC"),
        Op::Cancel => ('C', "GTC"),
        Op::Move => ('M', "GTC"),
    };
    let side = match command.side {
        Side::Bid => 'B',
        Side::Ask => 'S',
    };
    format!(
        "0,{op},{},{},{side},{},{},{tif}\n",
        command.order_id, command.account, command.price_ticks, command.lots
    )
}

/// What commands are drawn from. The order of draws is part of the definition.
struct Draw {
    profile: Profile,
    rng: Rng,
    book: Reference,
    mid: i64,
    next_id: u64,
}

impl Draw {
    /// A number in 0 .. `bound`, from the upper half of the next 64 bits.
    fn below(&mut self, bound: u32) -> i64 {
        (((self.rng.next() >> 32) * u64::from(bound)) >> 32) as i64
    }

    fn sign(&mut self) -> i64 {
        self.below(2) * 2 - 1
    }

    /// Percent of placements and of cancels; the rest moves. A side below half of [`PREFILL`] grows.
    const fn shares(&self, grows: bool) -> (i64, i64) {
        match (self.profile, grows) {
            (Profile::Moves, true) => (30, 6),
            (Profile::Moves, false) => (17, 6),
            (Profile::Places, true) => (72, 18),
            (Profile::Places, false) => (17, 73),
        }
    }

    /// 1 ..= 126 lots, 1 more than four times in ten.
    fn lots(&mut self) -> u64 {
        let [a, b, c] = [(); 3].map(|()| self.below(6));
        1 + (a * b * c) as u64
    }

    /// A price on the near side of the mid: a bell whose width is random.
    fn passive_price(&mut self, side: Side) -> i64 {
        let r = self.below(65_536);
        let width = 1 + ((SPREAD * r * r) >> 32);
        let sum: i64 = [(); 4].map(|()| self.below(width as u32)).iter().sum();
        let away = (sum / 4 * 2 - width).abs();
        match side {
            Side::Bid => self.mid - away,
            Side::Ask => self.mid + away,
        }
    }

    fn place(&mut self, op: Op, side: Side, price: i64) -> Command {
        let lots = self.lots();
        let order_id = self.next_id;
        self.next_id += 1;
        let account = loop {
            let account = 1 + self.below(ACCOUNTS) as u32;
            if !self.book.meets_itself(account, side, price, lots) {
                break account;
            }
        };
        let order = Resting::new(order_id, account, side, price, lots);
        self.book.place(order, op == Op::Place);
        command(op, &order, price)
    }

    fn first_order(&mut self, side: Side) -> Command {
        let mut price = self.passive_price(side);
        if price == self.mid {
            price += match side {
                Side::Bid => -1,
                Side::Ask => 1,
            };
        }
        self.place(Op::Place, side, price)
    }

    fn walk(&mut self) {
        if self.below(WALK) != 0 {
            return;
        }
        let step = self.sign();
        let bounds = MID - 2 * SPREAD..=MID + 2 * SPREAD;
        self.mid += if bounds.contains(&(self.mid + step)) {
            step
        } else {
            -step
        };
    }

    fn command(&mut self) -> Command {
        self.walk();
        let side = [Side::Bid, Side::Ask][self.below(2) as usize];
        let grows = self.book.count(side) < PREFILL / 2;
        let (places, cancels) = self.shares(grows);
        let drawn = self.below(100);
        if drawn < places || self.book.len() == 0 {
            if grows {
                let price = self.passive_price(side);
                return self.place(Op::Place, side, price);
            }
            // A bound that never binds.
            let price = match side {
                Side::Bid => MID + 5 * SPREAD,
                Side::Ask => MID - 5 * SPREAD,
            };
            return self.place(Op::Take, side, price);
        }
        let nth = self.below(self.book.len() as u32);
        let order = self.book.nth(nth as usize);
        if drawn >= places + cancels {
            let price = order.price + self.step(self.mid - order.price);
            let Resting {
                account,
                side,
                lots,
                ..
            } = order;
            // A move that would meet its own account is a cancel.
            if !self.book.meets_itself(account, side, price, lots) {
                self.book.remove(order.id);
                self.book.place(Resting { price, ..order }, true);
                return command(Op::Move, &order, price);
            }
        }
        self.book.remove(order.id);
        command(Op::Cancel, &order, order.price)
    }

    /// A hundredth of the way to the mid, at least a tick; a tick to either side where it is.
    fn step(&mut self, gap: i64) -> i64 {
        match gap {
            0 => self.sign(),
            _ => gap.signum() * ((gap.abs() + 99) / 100),
        }
    }
}

fn command(op: Op, order: &Resting, price: i64) -> Command {
    Command {
        op,
        side: order.side,
        account: order.account,
        order_id: order.id,
        price_ticks: price.cast_unsigned(),
        lots: order.lots,
    }
}
