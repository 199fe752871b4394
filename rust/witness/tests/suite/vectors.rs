//! `tests/vectors/rules` as the engine's types; the format is described beside the vectors.

use serde_json::Value;
use zkperp_engine::{
    Command, Domain, Envelope, Kind, MarketParams, OraclePrice, Request, UserCommand, VenueParams,
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
    let markets = value["markets"].as_array().unwrap().iter();
    let markets = markets.map(|market| MarketParams {
        multiplier: word(&market["multiplier"]),
        imf_ppm: word(&market["imf_ppm"]),
        taker_ppm: word(&market["taker_ppm"]),
        maker_ppm: market["maker_ppm"].as_str().unwrap().parse().unwrap(),
        price_max: word(&market["price_max"]),
        lots_max: word(&market["lots_max"]),
    });
    VenueParams {
        domain: Domain::new(word(&value["chain_id"]), &bytes(&value["rollup"])).unwrap(),
        start_time_ms: word(&value["start_time_ms"]),
        staleness_ms: word(&value["staleness_ms"]),
        oracle_key: words(&value["oracle_key"]),
        markets: markets.collect(),
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
        Kind::OraclePrice => {
            return Command::Oracle(OraclePrice {
                key: field("key") as u8,
                market: field("market") as u8,
                price_ticks: field("price_ticks"),
                timestamp_ms: field("timestamp_ms"),
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
        Kind::BurnNonce => [0; 3],
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
