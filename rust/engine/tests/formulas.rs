//! Single formulas against `tests/vectors/formulas`, which the Python model wrote from the same text.
//! The format is described beside the vectors.

use serde_json::Value;
use zkperp_engine::formulas::{
    self, BookOrder, DuePosition, DueRank, Fractions, Health, Offer, Rounding, Sums, Valuation,
    only_improves,
};
use zkperp_schema as schema;

/// Calls `check` with input and output of each case of a file.
fn each(file: &str, check: impl Fn(&Fields<'_>, &Fields<'_>)) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/formulas");
    let text = std::fs::read_to_string(format!("{folder}/{file}.json")).unwrap();
    let vectors: Value = serde_json::from_str(&text).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    assert!(!cases.is_empty());
    for case in cases {
        let name = format!("{file}: {}", case["name"]);
        let fields = |part: &str| Fields {
            name: name.clone(),
            value: &case[part],
        };
        check(&fields("input"), &fields("output"));
    }
}

/// The fields of one half of a case.
struct Fields<'a> {
    name: String,
    value: &'a Value,
}

impl Fields<'_> {
    fn int<T: std::str::FromStr>(&self, field: &str) -> T {
        let text = self.value[field].as_str();
        let parsed = text.and_then(|text| text.parse().ok());
        parsed.unwrap_or_else(|| panic!("{}: no {field}", self.name))
    }

    fn list<T>(&self, field: &str, item: impl Fn(&Fields<'_>) -> T) -> Vec<T> {
        let items = self.value[field].as_array().unwrap().iter();
        let fields = items.map(|value| Fields {
            name: self.name.clone(),
            value,
        });
        fields.map(|fields| item(&fields)).collect()
    }

    /// A price, of which 0 says that there is none.
    fn price(&self, field: &str) -> Option<u64> {
        Some(self.int(field)).filter(|&price| price != 0)
    }

    fn is<T>(&self, field: &str, got: T)
    where
        T: std::str::FromStr + PartialEq + std::fmt::Debug,
    {
        assert_eq!(self.int::<T>(field), got, "{}: {field}", self.name);
    }

    fn fractions(&self) -> Fractions {
        Fractions {
            imf_ppm: self.int("imf_ppm"),
            mmf_ppm: self.int("mmf_ppm"),
            cmf_ppm: self.int("cmf_ppm"),
        }
    }

    fn sums(&self) -> Sums {
        Sums {
            tav: self.int("tav"),
            initial: self.int("initial"),
            maintenance: self.int("maintenance"),
            closeout: self.int("closeout"),
        }
    }
}

#[test]
fn index() {
    each("index", |input, output| {
        let (now, staleness): (u64, u64) = (input.int("now"), input.int("staleness_ms"));
        let reports = input.list("reports", |r| (r.int::<u64>("price"), r.int::<u64>("time")));
        let is_fresh = |&(price, time): &(u64, u64)| price != 0 && now - time <= staleness;
        let fresh = reports.into_iter().filter(is_fresh);
        let mut fresh: Vec<u64> = fresh.map(|(price, _)| price).collect();
        output.is("fresh", fresh.len());
        output.is("median", formulas::median(&mut fresh).unwrap_or(0));
        let (quorum, deviation) = (input.int("quorum"), input.int("deviation_ppm"));
        let index = formulas::index_price(&mut fresh, quorum, deviation);
        output.is("index", index.unwrap_or(0));
        let agreeing: u64 = output.int("agreeing");
        let at = |quorum| formulas::index_price(&mut fresh.clone(), quorum, deviation);
        assert!(agreeing == 0 || at(agreeing).is_some(), "{}", output.name);
        assert_eq!(at(agreeing + 1), None, "{}", output.name);
    });
}

#[test]
fn impact() {
    each("impact", |input, output| {
        let orders = input.list("orders", |order| BookOrder {
            price: order.int("price"),
            lots: order.int("lots"),
            expiry_ms: order.int("expiry_ms"),
        });
        let rounding = match input.int::<u8>("side") {
            0 => Rounding::Down,
            _ => Rounding::Up,
        };
        let (quote, now) = (input.int("impact_quote"), input.int("now"));
        let price = formulas::impact_price(orders, quote, now, rounding);
        output.is("price", price.unwrap_or(0));
    });
}

#[test]
fn sample() {
    each("sample", |input, output| {
        let passed = input.int::<u64>("now") - input.int::<u64>("sampled_ms");
        let (sum, premium) = (input.int("premium_sum"), input.int("premium_ppm"));
        let sum = formulas::sampled_premium(sum, premium, passed, input.int("tick_max_ms"));
        output.is("premium_sum", sum);
    });
}

#[test]
fn premium() {
    each("premium", |input, output| {
        let (bid, ask) = (input.price("bid"), input.price("ask"));
        let premium = formulas::premium_ppm(input.int("index"), bid, ask);
        output.is("premium_ppm", premium);
    });
}

#[test]
fn basis() {
    each("basis", |input, output| {
        let basis = formulas::basis_ppm(
            input.int("basis_ppm"),
            input.int("premium_ppm"),
            input.int("basis_cap_ppm"),
            input.int("elapsed_ms"),
            input.int("basis_window_ms"),
        );
        output.is("basis_ppm", basis);
    });
}

#[test]
fn mark() {
    each("mark", |input, output| {
        let mark = formulas::mark_ticks(
            input.int("index"),
            input.int("basis_ppm"),
            input.price("bid"),
            input.price("ask"),
            input.int("price_max"),
        );
        output.is("mark", mark);
    });
}

#[test]
fn bands() {
    each("bands", |input, output| {
        let (mark, band) = (input.int("mark"), input.int("band_ppm"));
        let (low, high) = formulas::bands(mark, band, input.int("price_max"));
        output.is("price_low", low);
        output.is("price_high", high);
    });
}

#[test]
fn funding_rate() {
    each("funding_rate", |input, output| {
        let average = formulas::average_premium_ppm(input.int("premium_sum"));
        output.is("average_ppm", average);
        let (interest, clamp) = (input.int("interest_ppm"), input.int("clamp_ppm"));
        let rate = formulas::rate_ppm(average, interest, clamp, input.int("rate_max_ppm"));
        output.is("of_8_hours_ppm", rate);
        let hourly = formulas::hourly_rate_ppm(rate);
        output.is("rate_ppm", hourly);
        let multiplier: u64 = input.int("multiplier");
        let step = formulas::funding_step(hourly, input.int("index"), multiplier);
        output.is("increment", step);
        let most = input.int("funding_max");
        let funding = formulas::next_funding(input.int("funding"), step, most);
        output.is("funding", funding);
    });
}

#[test]
fn funding_max() {
    each("funding_max", |input, output| {
        let bias = formulas::bias(input.int("position_limit"));
        output.is("bias", bias);
        let tick_value = input.int::<u64>("price_max") * input.int::<u64>("multiplier");
        output.is("funding_max", formulas::funding_max(bias, tick_value));
    });
}

#[test]
fn paid() {
    each("paid", |input, output| {
        let (funding, entry) = (input.int("funding"), input.int("entry"));
        output.is("paid", formulas::paid(input.int("size"), funding, entry));
    });
}

#[test]
fn tier() {
    each("tier", |input, output| {
        let tiers = input.list("tiers", |tier| {
            (tier.int::<u64>("lots_upto"), tier.fractions())
        });
        let upto = tiers.iter().map(|&(upto, _)| upto);
        let Some(tier) = formulas::tier_of(upto, input.int("lots")) else {
            output.is("code", 2001);
            return;
        };
        output.is("code", 0);
        output.is("tier", tier);
        let mut fractions = tiers[tier].1;
        fractions.imf_ppm = fractions.imf_ppm.max(input.int("own_imf_ppm"));
        assert_eq!(fractions, output.fractions(), "{}", output.name);
    });
}

#[test]
fn position_sums() {
    each("position_sums", |input, output| {
        let valuation = Valuation {
            mark_value: input.int("mark_value"),
            funding: input.int("funding"),
            entry: input.int("entry"),
        };
        let (size, fractions) = (input.int("size"), input.fractions());
        let sums = formulas::position_sums(size, &valuation, &fractions);
        assert_eq!(sums, output.sums(), "{}", output.name);
        let initial = formulas::initial_margin_sum(size, &valuation, fractions.imf_ppm);
        assert_eq!(initial, sums.initial);
    });
}

#[test]
fn health() {
    each("health", |input, output| {
        output.is("health", Health::of(&input.sums()).code());
    });
}

#[test]
fn ratio() {
    each("ratio", |input, output| {
        let sums = |value, margin| {
            let tav: i64 = input.int(value);
            Sums {
                tav,
                maintenance: tav - input.int::<i64>(margin),
                ..Sums::default()
            }
        };
        let before = sums("tav_before", "mmr_before");
        let after = sums("tav_after", "mmr_after");
        output.is("passes", u8::from(only_improves(&before, &after)));
    });
}

#[test]
fn fee() {
    each("fee", |input, output| {
        let ppm: i64 = input.int("ppm");
        assert!(ppm.unsigned_abs() <= schema::FEE_PPM_MAX);
        output.is("fee", formulas::fee(input.int("notional"), ppm));
    });
}

fn due_position(input: &Fields<'_>) -> DuePosition {
    DuePosition {
        size: input.int("size"),
        mark_value: input.int("mark_value"),
        mmf_ppm: input.int("mmf_ppm"),
        tav: input.int("tav"),
        mmr: input.int("mmr"),
    }
}

#[test]
fn key() {
    each("key", |input, output| {
        let positions = input.list("positions", |p| {
            let (size, mark_value): (i64, u64) = (p.int("size"), p.int("mark_value"));
            let (funding, mmf_ppm) = (p.int("funding"), p.int("mmf_ppm"));
            let value = formulas::trigger_value(size.signum(), mark_value, funding, mmf_ppm);
            (size.unsigned_abs(), mark_value, value)
        });
        let notional = positions.iter().map(|(lots, mark, _)| lots * mark).sum();
        let ratio = formulas::key_ratio(input.int("maintenance"), notional);
        output.is("ratio", ratio);
        let triggers = positions.into_iter().map(|(lots, mark_value, value)| {
            let trigger = formulas::trigger(value, ratio, mark_value);
            (value, trigger, formulas::trigger_use(lots, value, trigger))
        });
        let expected = output.list("triggers", |t| {
            (t.int("value"), t.int("trigger"), t.int("use"))
        });
        assert_eq!(triggers.collect::<Vec<_>>(), expected, "{}", output.name);
    });
}

#[test]
fn due() {
    each("due", |input, output| {
        let rank = |field: &str| {
            let fields = Fields {
                name: input.name.clone(),
                value: &input.value[field],
            };
            DueRank {
                tav: fields.int("tav"),
                mmr: fields.int("mmr"),
                account: fields.int("account"),
            }
        };
        output.is("before", u8::from(rank("a") < rank("b")));
    });
}

#[test]
fn liquidation() {
    each("liquidation", |input, output| {
        let position = due_position(input);
        let lot_price = input.int::<u64>("price") * input.int::<u64>("multiplier");
        let offer = Offer {
            lot_price,
            lots: input.int("maker_lots"),
            liquidation_ppm: input.int("liquidation_ppm"),
            bonus_ppm: input.int("bonus_ppm"),
        };
        output.is("zero", position.zero_loss());
        output.is("loss", position.loss(lot_price));
        let fee_per_lot = position.fee_per_lot(&offer);
        output.is("meets", u8::from(fee_per_lot.is_some()));
        let Some(fee_per_lot) = fee_per_lot else {
            return;
        };
        output.is("fee_rate", fee_per_lot);
        let fill = position.fill(&offer, fee_per_lot);
        output.is("lots", fill.lots);
        output.is("notional", fill.lots * lot_price);
        output.is("fee", fill.fee);
        output.is("bonus", fill.bonus);
    });
}

#[test]
fn takeover() {
    each("takeover", |input, output| {
        let (cmf_ppm, closeout) = (input.int("cmf_ppm"), input.int("closeout"));
        let position_mmr = input.int("position_mmr");
        let taken = formulas::takeover(&due_position(input), cmf_ppm, closeout, position_mmr);
        output.is("lots", taken.lots);
        output.is("loss", taken.loss);
        output.is("quote", taken.quote);
    });
}

#[test]
fn fund_closing() {
    each("fund_closing", |input, output| {
        let position_mmr = input.int("position_mmr");
        let position = DuePosition {
            size: input.int("size"),
            mark_value: input.int("mark_value"),
            // Not asked: no part of it is enough.
            mmf_ppm: 0,
            tav: input.int("tav"),
            mmr: input.int("mmr"),
        };
        let closed = formulas::fund_closing(&position, position_mmr);
        output.is("lots", closed.lots);
        output.is("loss", closed.loss);
        output.is("quote", closed.quote);
    });
}

#[test]
fn deleverage() {
    each("deleverage", |input, output| {
        let sizes = input.value["sizes"].as_array().unwrap();
        let sizes = sizes
            .iter()
            .map(|size| size.as_str().unwrap().parse::<u64>().unwrap());
        let (lots, quote, total) = (input.int("lots"), input.int("quote"), input.int("total"));
        let (mut visited, mut before) = (0, (0, 0));
        let steps = sizes.map(|size| {
            visited += size;
            let share = formulas::deleveraging_share(lots, quote, total, visited);
            let now = (share.closed, share.paid);
            let (closed, paid) = std::mem::replace(&mut before, now);
            (visited, now, (now.0 - closed, now.1 - paid))
        });
        let expected = output.list("steps", |step| {
            let share = (step.int("closed"), step.int("paid"));
            (
                step.int("visited"),
                share,
                (step.int("lots"), step.int("pay")),
            )
        });
        assert_eq!(steps.collect::<Vec<_>>(), expected, "{}", output.name);
    });
}
