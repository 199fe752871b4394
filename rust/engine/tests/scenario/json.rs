//! The vectors' JSON as the engine's types.

use serde_json::Value;
use zkperp_engine::leaf::{LeafWords, from_signed};
use zkperp_engine::{
    Command, Domain, Envelope, Event, EventType, Kind, MarketParams, OracleEntry, OracleReport,
    PricingParams, QuoteCommand, Request, TierParams, UserCommand, VenueParams,
};
use zkperp_schema as schema;

/// A decimal string, signed ones mod p.
pub(crate) fn word(value: &Value) -> u64 {
    let text = value
        .as_str()
        .unwrap_or_else(|| panic!("not a decimal string: {value}"));
    if text.starts_with('-') {
        from_signed(text.parse().unwrap())
    } else {
        text.parse().unwrap()
    }
}

pub(crate) fn words(value: &Value) -> Vec<u64> {
    value.as_array().unwrap().iter().map(word).collect()
}

fn array<const N: usize>(value: &Value) -> [u64; N] {
    words(value).try_into().unwrap()
}

fn bytes<const N: usize>(value: &Value) -> [u8; N] {
    let text = value.as_str().unwrap().trim_start_matches("0x");
    std::array::from_fn(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap())
}

pub(crate) fn leaves(value: &Value) -> Vec<(u64, LeafWords)> {
    let leaves = value.as_array().unwrap().iter();
    leaves
        .map(|leaf| (word(&leaf["addr"]), array(&leaf["leaf"])))
        .collect()
}

fn list<T>(value: &Value, item: impl Fn(&Value) -> T) -> Vec<T> {
    value.as_array().unwrap().iter().map(item).collect()
}

pub(crate) fn venue(value: &Value) -> VenueParams {
    let field = |name: &str| word(&value[name]);
    VenueParams {
        domain: Domain::new(field("chain_id"), &bytes(&value["rollup"])).unwrap(),
        start_time_ms: field("start_time_ms"),
        staleness_ms: field("staleness_ms"),
        tick_max_ms: field("tick_max_ms"),
        quorum: field("quorum"),
        deviation_ppm: field("deviation_ppm"),
        basis_cap_ppm: field("basis_cap_ppm"),
        basis_window_ms: field("basis_window_ms"),
        fund_key: array(&value["fund_key"]),
        oracle_keys: list(&value["oracle_keys"], array),
        markets: list(&value["markets"], market),
    }
}

fn market(value: &Value) -> MarketParams {
    let field = |name: &str| word(&value[name]);
    MarketParams {
        multiplier: field("multiplier"),
        price_max: field("price_max"),
        lots_max: field("lots_max"),
        lots_min: field("lots_min"),
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
        tiers: list(&value["tiers"], |tier| TierParams {
            lots_upto: word(&tier["lots_upto"]),
            imf_ppm: word(&tier["imf_ppm"]),
            mmf_ppm: word(&tier["mmf_ppm"]),
            cmf_ppm: word(&tier["cmf_ppm"]),
        }),
    }
}

pub(crate) fn envelope(step: &Value, next_request: u64) -> Envelope {
    let command = &step["command"];
    let signature = &command["signature"];
    Envelope {
        time_ms: word(&step["time_ms"]),
        command: self::command(command, next_request),
        signature: (!signature.is_null()).then(|| bytes(signature)),
    }
}

fn command(value: &Value, next_request: u64) -> Command {
    let field = |name: &str| value.get(name).map_or(0, word);
    let name = value["kind"].as_str().unwrap();
    let kind = Kind::ALL
        .into_iter()
        .find(|kind| kind.name() == name)
        .unwrap();
    let words = match kind {
        Kind::Time => return Command::Time,
        Kind::Fund => return Command::Fund,
        Kind::Sweep => return Command::Sweep,
        Kind::Liquidate => return Command::Liquidate,
        Kind::Deleverage => {
            let account = field("account") as u32;
            return Command::Deleverage { account };
        }
        Kind::Tick => {
            let market = field("market") as u8;
            return Command::Tick { market };
        }
        Kind::OracleReport => {
            return Command::Oracle(OracleReport {
                key: field("key") as u8,
                timestamp_ms: field("timestamp_ms"),
                entries: list(&value["entries"], |entry| OracleEntry {
                    market: word(&entry["market"]) as u8,
                    price_ticks: word(&entry["price_ticks"]),
                }),
            });
        }
        Kind::Request => {
            return Command::Request(Request {
                number: next_request,
                words: array(&value["words"]),
            });
        }
        Kind::Trigger => return Command::Trigger,
        Kind::Place => [
            field("price_ticks"),
            lots_word(value),
            field("expiry_ms"),
            field("client_id"),
            0,
        ],
        Kind::PlaceConditional => [
            field("price_ticks"),
            lots_word(value),
            field("expiry_ms"),
            field("trigger_ticks") + schema::RECORD_CONDITION_SHIFT * field("condition"),
            field("partner"),
        ],
        Kind::Amend => [field("order_id"), field("price_ticks"), field("lots"), 0, 0],
        Kind::Cancel | Kind::CancelConditional => [field("order_id"), 0, 0, 0, 0],
        Kind::CancelNamed => [field("client_id"), 0, 0, 0, 0],
        Kind::SetDeadline => [field("deadline_ms"), 0, 0, 0, 0],
        Kind::Quote => [field("expiry_ms"), 0, 0, 0, 0],
        Kind::Withdraw => [field("amount"), 0, 0, 0, 0],
        Kind::BurnNonce | Kind::CreateAccount | Kind::CancelAll => [0; 5],
        Kind::Transfer => [field("to"), field("amount"), 0, 0, 0],
        Kind::SetLeverage => [field("imf_ppm"), 0, 0, 0, 0],
    };
    let command = UserCommand {
        kind: kind.code(),
        key: field("key") as u8,
        market: field("market") as u8,
        side: field("side") as u8,
        order_type: field("type") as u8,
        account: field("account") as u32,
        nonce: field("nonce"),
        valid_until_ms: field("valid_until_ms"),
        words,
    };
    if kind == Kind::Quote {
        let entries = list(&value["entries"], |entry| {
            let side = schema::RECORD_CLIENT_ID_SIDE_SHIFT * word(&entry["side"]);
            let client_id = word(&entry["client_id"]);
            [
                client_id + side,
                word(&entry["price_ticks"]),
                lots_word(entry),
            ]
        });
        return Command::Quote(QuoteCommand { command, entries });
    }
    Command::User(command)
}

/// Lots and options as they stand in one word; options that are 0 may be left out.
fn lots_word(value: &Value) -> u64 {
    let options = value.get("options").map_or(0, word);
    word(&value["lots"]) + schema::RECORD_OPTIONS_SHIFT * options
}

/// An event as its name and its fields' names and words.
pub(crate) type Named = (String, Vec<(String, u64)>);

pub(crate) fn event(event: &Event) -> Named {
    let mut words = Vec::new();
    event.encode(&mut words);
    let kind = event.event_type();
    let fields = kind
        .fields()
        .iter()
        .map(|name| (*name).to_owned())
        .zip(words.split_off(1));
    (kind.name().to_owned(), fields.collect())
}

pub(crate) fn events(value: &Value) -> Vec<Named> {
    let events = value.as_array().unwrap().iter();
    events
        .map(|event| {
            let name = event["type"].as_str().unwrap();
            let kind = EventType::ALL
                .into_iter()
                .find(|kind| kind.name() == name)
                .unwrap();
            let fields = kind
                .fields()
                .iter()
                .map(|field| ((*field).to_owned(), word(&event[*field])));
            (name.to_owned(), fields.collect())
        })
        .collect()
}
