//! `tests/vectors/rules` as the engine's types; the format is described beside the vectors.

use serde_json::Value;
use zkperp_engine::{
    Command, Domain, Envelope, Kind, MarketParams, OracleEntry, OracleReport, PricingParams,
    Request, TierParams, UserCommand, VenueParams,
};

fn word(value: &Value) -> u64 {
    value.as_str().unwrap().parse().unwrap()
}

pub(crate) fn words<const N: usize>(value: &Value) -> [u64; N] {
    let words: Vec<u64> = value.as_array().unwrap().iter().map(word).collect();
    words.try_into().unwrap()
}

fn bytes<const N: usize>(value: &Value) -> [u8; N] {
    let text = value.as_str().unwrap().trim_start_matches("0x");
    std::array::from_fn(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap())
}

pub(crate) fn venue(value: &Value) -> VenueParams {
    let field = |name: &str| word(&value[name]);
    let keys = value["oracle_keys"].as_array().unwrap().iter();
    let markets = value["markets"].as_array().unwrap().iter();
    VenueParams {
        domain: Domain::new(field("chain_id"), &bytes(&value["rollup"])).unwrap(),
        start_time_ms: field("start_time_ms"),
        staleness_ms: field("staleness_ms"),
        tick_max_ms: field("tick_max_ms"),
        quorum: field("quorum"),
        deviation_ppm: field("deviation_ppm"),
        basis_cap_ppm: field("basis_cap_ppm"),
        basis_window_ms: field("basis_window_ms"),
        oracle_keys: keys.map(words).collect(),
        fund_key: words(&value["fund_key"]),
        markets: markets.map(market).collect(),
    }
}

fn market(value: &Value) -> MarketParams {
    let field = |name: &str| word(&value[name]);
    let tiers = value["tiers"].as_array().unwrap().iter();
    let tiers = tiers.map(|tier| TierParams {
        lots_upto: word(&tier["lots_upto"]),
        imf_ppm: word(&tier["imf_ppm"]),
        mmf_ppm: word(&tier["mmf_ppm"]),
        cmf_ppm: word(&tier["cmf_ppm"]),
    });
    MarketParams {
        multiplier: field("multiplier"),
        price_max: field("price_max"),
        lots_max: field("lots_max"),
        taker_ppm: field("taker_ppm"),
        maker_ppm: value["maker_ppm"].as_str().unwrap().parse().unwrap(),
        oi_max: field("oi_max"),
        pricing: PricingParams {
            impact_quote: field("impact_quote"),
            band_ppm: field("band_ppm"),
            interest_ppm: field("interest_ppm"),
            clamp_ppm: field("clamp_ppm"),
            rate_max_ppm: field("rate_max_ppm"),
            liquidation_ppm: field("liquidation_ppm"),
            bonus_ppm: field("bonus_ppm"),
        },
        tiers: tiers.collect(),
    }
}

/// A step's envelope; `next_request` is the number of the next request.
pub(crate) fn envelope(step: &Value, next_request: u64) -> Envelope {
    let signature = &step["command"]["signature"];
    Envelope {
        time_ms: word(&step["time_ms"]),
        command: command(&step["command"], next_request),
        signature: (!signature.is_null()).then(|| bytes(signature)),
    }
}

fn command(value: &Value, next_request: u64) -> Command {
    let field = |name: &str| value.get(name).map_or(0, word);
    let name = value["kind"].as_str().unwrap();
    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name);
    let kind = kind.unwrap();
    let further = match kind {
        Kind::Time => return Command::Time,
        Kind::Fund => return Command::Fund,
        Kind::Sweep => return Command::Sweep,
        Kind::Liquidate => return Command::Liquidate,
        Kind::Deleverage => {
            return Command::Deleverage {
                account: field("account") as u32,
            };
        }
        Kind::Tick => {
            return Command::Tick {
                market: field("market") as u8,
            };
        }
        Kind::OracleReport => {
            let entries = value["entries"].as_array().unwrap().iter();
            let entries = entries.map(|entry| OracleEntry {
                market: word(&entry["market"]) as u8,
                price_ticks: word(&entry["price_ticks"]),
            });
            return Command::Oracle(OracleReport {
                key: field("key") as u8,
                timestamp_ms: field("timestamp_ms"),
                entries: entries.collect(),
            });
        }
        Kind::Request => {
            return Command::Request(Request {
                number: next_request,
                words: words(&value["words"]),
            });
        }
        Kind::Place => ["price_ticks", "lots", "expiry_ms"].map(field),
        Kind::Cancel => [field("order_id"), 0, 0],
        Kind::Amend => ["order_id", "price_ticks", "lots"].map(field),
        Kind::Withdraw => [field("amount"), 0, 0],
        Kind::BurnNonce | Kind::CreateAccount => [0; 3],
        Kind::Transfer => [field("to"), field("amount"), 0],
        Kind::SetLeverage => [field("imf_ppm"), 0, 0],
    };
    Command::User(UserCommand {
        kind: kind.code(),
        key: field("key") as u8,
        market: field("market") as u8,
        side: field("side") as u8,
        order_type: field("type") as u8,
        account: field("account") as u32,
        nonce: field("nonce"),
        valid_until_ms: field("valid_until_ms"),
        words: further,
    })
}
