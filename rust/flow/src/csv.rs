//! The recorded feed: `seq,op,order_id,side,price,size` with decimal strings, gzipped or not.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;
use thiserror::Error;
use zkperp_engine::Side;
use zkperp_schema::{LOTS_MAX, PRICE_MAX};

use crate::row::{Op, Row};

const HEADER: &str = "seq,op,order_id,side,price,size";
/// The first bytes of a gzip stream.
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
/// Decimals that a price or size may have.
const DECIMALS_MAX: u32 = 12;
/// Bytes of a line, its end included: several times what a row can need.
const LINE_BYTES_MAX: u64 = 1_024;

/// How many decimals' units one tick and one lot are: tick = 0.1 USD is `tick: 1, decimals 1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    /// A tick is 10^−this of the quote currency.
    pub tick_decimals: u32,
    /// A lot is 10^−this of the base currency.
    pub lot_decimals: u32,
}

/// BTC-USD: tick 0.1 USD, lot 0.00001 BTC.
pub const BTC_USD: Scale = Scale {
    tick_decimals: 1,
    lot_decimals: 5,
};

/// What is wrong with one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RowError {
    /// It is longer than any row, or not UTF-8.
    #[error("the line is no text of a row")]
    Text,
    /// It does not have six fields.
    #[error("a row has six fields")]
    FieldCount,
    /// A field can't be read.
    #[error("field {0} can't be read")]
    Field(&'static str),
    /// The price has more ticks than any price.
    #[error("the price is above {PRICE_MAX} ticks")]
    PriceTooLarge,
    /// The size has more lots than any size.
    #[error("the size is above {LOTS_MAX} lots")]
    SizeTooLarge,
    /// Price or size are zero, or round to it.
    #[error("price or size round to zero")]
    RoundsToZero,
}

impl RowError {
    /// The name under which such rows are counted; it stays the same.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::FieldCount => "fields",
            Self::Field(name) => name,
            Self::PriceTooLarge => "price_too_large",
            Self::SizeTooLarge => "size_too_large",
            Self::RoundsToZero => "rounds_to_zero",
        }
    }
}

/// A line of a feed: its number, from 1 for the header, and its row or what is wrong with it.
pub type Line = (u64, Result<Row, RowError>);

/// Rows of a feed that can't be used, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnusableRows {
    /// Malformed ones by [`RowError::name`].
    pub malformed: BTreeMap<&'static str, u64>,
    /// Those whose price or size are zero, or round to it.
    pub rounds_to_zero: u64,
    /// The first line of each name, `rounds_to_zero` among them.
    pub first_lines: BTreeMap<&'static str, u64>,
}

impl UnusableRows {
    /// Counts one.
    pub fn add(&mut self, line: u64, error: RowError) {
        match error {
            RowError::RoundsToZero => self.rounds_to_zero += 1,
            _ => *self.malformed.entry(error.name()).or_default() += 1,
        }
        self.first_lines.entry(error.name()).or_insert(line);
    }
}

impl std::fmt::Display for UnusableRows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.first_lines.is_empty() {
            return f.write_str("none");
        }
        for (at, (name, line)) in self.first_lines.iter().enumerate() {
            let comma = if at > 0 { ", " } else { "" };
            let count = self.malformed.get(name).unwrap_or(&self.rounds_to_zero);
            write!(f, "{comma}{name}: {count}, first on line {line}")?;
        }
        Ok(())
    }
}

/// A feed can't be read any further.
#[derive(Debug, Error)]
pub enum FeedError {
    /// The stream.
    #[error("reading the feed: {0}")]
    Io(#[from] io::Error),
    /// The first line is not the feed's.
    #[error("the first line is not `{HEADER}`")]
    Header,
}

/// The lines of a feed; a bad row does not end it.
pub struct Feed<R> {
    source: BufReader<R>,
    scale: Scale,
    line: u64,
}

/// Opens a feed, gzipped or plain, by its first bytes.
///
/// # Errors
/// [`FeedError`].
pub fn open<'a>(
    source: impl BufRead + 'a,
    scale: Scale,
) -> Result<Feed<Box<dyn Read + 'a>>, FeedError> {
    let mut source = source;
    let is_gzip = source.fill_buf()?.starts_with(&GZIP_MAGIC);
    let plain: Box<dyn Read + 'a> = if is_gzip {
        Box::new(MultiGzDecoder::new(source))
    } else {
        Box::new(source)
    };
    let mut feed = Feed {
        source: BufReader::new(plain),
        scale,
        line: 0,
    };
    if feed.line()?.flatten().as_deref().map(str::trim_end) != Some(HEADER) {
        return Err(FeedError::Header);
    }
    Ok(feed)
}

impl<R: Read> Feed<R> {
    /// The next line, the inner `None` if it is too long or not UTF-8; `None` at the end.
    fn line(&mut self) -> io::Result<Option<Option<String>>> {
        let mut bytes = Vec::new();
        let mut start = self.source.by_ref().take(LINE_BYTES_MAX);
        if start.read_until(b'\n', &mut bytes)? == 0 {
            return Ok(None);
        }
        self.line += 1;
        if bytes.len() as u64 == LINE_BYTES_MAX && bytes.last() != Some(&b'\n') {
            self.source.skip_until(b'\n')?;
            return Ok(Some(None));
        }
        Ok(Some(String::from_utf8(bytes).ok()))
    }
}

impl<R: Read> Iterator for Feed<R> {
    type Item = Result<Line, FeedError>;

    fn next(&mut self) -> Option<Self::Item> {
        let text = match self.line() {
            Ok(text) => text?,
            Err(error) => return Some(Err(error.into())),
        };
        let row = text.ok_or(RowError::Text);
        Some(Ok((
            self.line,
            row.and_then(|text| parse(&text, self.scale)),
        )))
    }
}

/// Reads one row and brings it to ticks and lots.
///
/// Prices are rounded away from the other side, and so is the price of a take, which names a level of
/// the other side: as that level's were. Sizes are rounded down.
///
/// # Errors
/// [`RowError`].
pub fn parse(text: &str, scale: Scale) -> Result<Row, RowError> {
    let fields: Vec<&str> = text.trim_end().split(',').collect();
    let [_, op, id, side, price, size] = fields[..] else {
        return Err(RowError::FieldCount);
    };
    let op = match op {
        "place" => Op::Place,
        "amend" => Op::Amend,
        "cancel" => Op::Cancel,
        "take" => Op::Take,
        _ => return Err(RowError::Field("op")),
    };
    let side = match side {
        "buy" => Side::Bid,
        "sell" => Side::Ask,
        _ => return Err(RowError::Field("side")),
    };
    let id = match op {
        Op::Take => 0,
        _ => id.parse().map_err(|_| RowError::Field("order_id"))?,
    };
    let mut row = Row {
        op,
        id,
        side,
        price_ticks: 0,
        lots: 0,
    };
    if op == Op::Cancel {
        return Ok(row);
    }
    let resting_side_is_ask = (side == Side::Ask) != (op == Op::Take);
    let price = units(price, scale.tick_decimals).ok_or(RowError::Field("price"))?;
    let size = units(size, scale.lot_decimals).ok_or(RowError::Field("size"))?;
    let up = u64::from(resting_side_is_ask && price.has_rest);
    row.price_ticks = price.whole.saturating_add(up);
    row.lots = size.whole;
    if row.price_ticks > PRICE_MAX {
        return Err(RowError::PriceTooLarge);
    }
    if row.lots > LOTS_MAX {
        return Err(RowError::SizeTooLarge);
    }
    if row.price_ticks == 0 || row.lots == 0 {
        return Err(RowError::RoundsToZero);
    }
    Ok(row)
}

/// A decimal number in units of 10^−decimals, the greatest `u64` if it is above.
struct Units {
    whole: u64,
    has_rest: bool,
}

fn units(text: &str, decimals: u32) -> Option<Units> {
    let (integer, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if integer.is_empty() || !digits(integer) || !digits(fraction) {
        return None;
    }
    if fraction.len() > DECIMALS_MAX as usize {
        return None;
    }
    let kept = fraction.len().min(decimals as usize);
    // All of these are digits: what can't be parsed is too large.
    let number = |digits: &str| digits.parse::<u64>().unwrap_or(u64::MAX);
    let scale = 10_u64.saturating_pow(decimals);
    let mut whole = number(integer).saturating_mul(scale);
    if kept > 0 {
        let missing = 10_u64.saturating_pow(decimals - kept as u32);
        whole = whole.saturating_add(number(&fraction[..kept]).saturating_mul(missing));
    }
    let has_rest = fraction[kept..].bytes().any(|byte| byte != b'0');
    Some(Units { whole, has_rest })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn row(text: &str) -> Result<(u64, u64), RowError> {
        parse(text, BTC_USD).map(|row| (row.price_ticks, row.lots))
    }

    #[test]
    fn prices_are_rounded_away_from_the_other_side_and_sizes_down() {
        assert_eq!(
            row("1,place,9,buy,60940.35136398,0.16424"),
            Ok((609_403, 16_424))
        );
        assert_eq!(
            row("1,place,9,sell,60940.35136398,0.164249"),
            Ok((609_404, 16_424))
        );
        assert_eq!(row("1,place,9,sell,60940.3,1"), Ok((609_403, 100_000)));
        assert_eq!(
            row("1,place,9,sell,60940.30000000,1"),
            Ok((609_403, 100_000))
        );
        // A buyer takes from an ask, which was rounded up.
        assert_eq!(row("1,take,,buy,60940.35,0.5"), Ok((609_404, 50_000)));
        assert_eq!(row("1,take,,sell,60940.35,0.5"), Ok((609_403, 50_000)));
        assert_eq!(row("1,cancel,9,sell,,"), Ok((0, 0)));
    }

    #[test]
    fn what_rounds_to_zero_is_named() {
        assert_eq!(
            row("1,place,9,buy,60940,0.000009"),
            Err(RowError::RoundsToZero)
        );
        assert_eq!(row("1,place,9,buy,0.09,1"), Err(RowError::RoundsToZero));
        assert_eq!(row("1,amend,9,sell,0,1"), Err(RowError::RoundsToZero));
    }

    #[test]
    fn malformed_rows_name_the_field() {
        for (text, error) in [
            ("", RowError::FieldCount),
            ("1,place,9,buy,1", RowError::FieldCount),
            ("1,place,9,buy,1,1,1", RowError::FieldCount),
            ("1,move,9,buy,1,1", RowError::Field("op")),
            ("1,place,x,buy,1,1", RowError::Field("order_id")),
            ("1,place,9,long,1,1", RowError::Field("side")),
            ("1,place,9,buy,,1", RowError::Field("price")),
            ("1,place,9,buy,-1,1", RowError::Field("price")),
            ("1,place,9,buy,1e5,1", RowError::Field("price")),
            ("1,place,9,buy,1.2.3,1", RowError::Field("price")),
            ("1,place,9,buy,1,NaN", RowError::Field("size")),
            ("1,place,9,buy,1,0.0000000000001", RowError::Field("size")),
        ] {
            assert_eq!(row(text), Err(error), "{text}");
        }
    }

    #[test]
    fn prices_and_sizes_beyond_the_bounds_are_too_large() {
        for (price, size, error) in [
            ("99999999999999999999", "1", RowError::PriceTooLarge),
            ("1844674407370955161.55", "1", RowError::PriceTooLarge),
            ("1844674407370955161.7", "1", RowError::PriceTooLarge),
            ("429496729.6", "1", RowError::PriceTooLarge),
            ("429496729.51", "1", RowError::PriceTooLarge),
            ("1", "10995116.27776", RowError::SizeTooLarge),
            ("1", "99999999999999999999", RowError::SizeTooLarge),
        ] {
            assert_eq!(row(&format!("1,place,9,sell,{price},{size}")), Err(error));
        }
        assert_eq!(
            row("1,place,9,sell,429496729.5,10995116.27775"),
            Ok((PRICE_MAX, LOTS_MAX))
        );
    }

    #[test]
    fn lines_that_are_no_text_are_rows_of_their_own() {
        let mut bytes = format!("{HEADER}\n").into_bytes();
        bytes.extend(b"1,place,9,\xff\xfe,1,1\n");
        bytes.extend(vec![b'9'; 5_000]);
        bytes.extend(b"\n\n2,cancel,9,buy,,");
        let feed = open(&bytes[..], BTC_USD).unwrap();
        let lines: Vec<Line> = feed.map(|line| line.unwrap()).collect();
        assert_eq!(
            lines[..3],
            [
                (2, Err(RowError::Text)),
                (3, Err(RowError::Text)),
                (4, Err(RowError::FieldCount))
            ]
        );
        assert!(matches!(lines[3], (5, Ok(_))));
        assert_eq!(lines.len(), 4);
    }

    #[test]
    fn unusable_rows_are_counted_by_name_with_the_first_line() {
        let mut counts = UnusableRows::default();
        assert_eq!(counts.to_string(), "none");
        for (line, error) in [
            (3, RowError::FieldCount),
            (5, RowError::Field("price")),
            (6, RowError::RoundsToZero),
            (9, RowError::FieldCount),
        ] {
            counts.add(line, error);
        }
        assert_eq!(counts.malformed, [("fields", 2), ("price", 1)].into());
        assert_eq!(counts.rounds_to_zero, 1);
        assert_eq!(
            counts.to_string(),
            "fields: 2, first on line 3, price: 1, first on line 5, \
             rounds_to_zero: 1, first on line 6"
        );
    }

    #[test]
    fn a_feed_is_read_gzipped_or_plain_and_goes_on_after_a_bad_row() {
        let text = format!("{HEADER}\n1,place,9,buy,60945,0.2\n2,bad\n3,cancel,9,buy,,\n");
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(text.as_bytes()).unwrap();
        for bytes in [text.clone().into_bytes(), gzip.finish().unwrap()] {
            let rows: Vec<_> = open(&bytes[..], BTC_USD)
                .unwrap()
                .map(|row| row.unwrap())
                .collect();
            assert_eq!(rows.len(), 3);
            assert_eq!(rows[1], (3, Err(RowError::FieldCount)));
            assert!(rows[2].1.is_ok());
        }
        assert!(matches!(
            open(&b"a,b\n"[..], BTC_USD),
            Err(FeedError::Header)
        ));
        assert!(matches!(open(&b""[..], BTC_USD), Err(FeedError::Header)));
        let mut cut = GzEncoder::new(Vec::new(), Compression::fast());
        cut.write_all(text.repeat(100).as_bytes()).unwrap();
        let cut = cut.finish().unwrap();
        let rows = open(&cut[..cut.len() / 2], BTC_USD);
        assert!(rows.is_err() || rows.unwrap().any(|row| row.is_err()));
    }
}
