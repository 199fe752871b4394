//! The recorded feed: `seq,op,order_id,side,price,size` with decimal strings, gzipped or not.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;
use thiserror::Error;
use zkperp_engine::Side;

use crate::row::{Op, Row};

const HEADER: &str = "seq,op,order_id,side,price,size";
/// The first bytes of a gzip stream.
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
/// Decimals that a price or size may have.
const DECIMALS_MAX: u32 = 12;

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
    /// It does not have six fields.
    #[error("a row has six fields")]
    FieldCount,
    /// A field can't be read.
    #[error("field {0} can't be read")]
    Field(&'static str),
    /// Price or size round to zero: the row is skipped.
    #[error("price or size round to zero")]
    RoundsToZero,
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

/// The rows of a feed, each with its line number; a bad row does not end the feed.
pub struct Feed<R> {
    lines: io::Lines<BufReader<R>>,
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
    let mut lines = BufReader::new(plain).lines();
    let header = lines.next().transpose()?;
    if header.as_deref().map(str::trim_end) != Some(HEADER) {
        return Err(FeedError::Header);
    }
    Ok(Feed {
        lines,
        scale,
        line: 1,
    })
}

impl<R: Read> Iterator for Feed<R> {
    type Item = Result<(u64, Result<Row, RowError>), FeedError>;

    fn next(&mut self) -> Option<Self::Item> {
        let text = self.lines.next()?;
        self.line += 1;
        Some(match text {
            Ok(text) => Ok((self.line, parse(&text, self.scale))),
            Err(error) => Err(error.into()),
        })
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
    row.price_ticks = price.whole + u64::from(resting_side_is_ask && price.has_rest);
    row.lots = size.whole;
    if row.price_ticks == 0 || row.lots == 0 {
        return Err(RowError::RoundsToZero);
    }
    Ok(row)
}

/// A decimal number in units of 10^−decimals.
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
    let scale = 10_u64.checked_pow(decimals)?;
    let mut whole = integer.parse::<u64>().ok()?.checked_mul(scale)?;
    if kept > 0 {
        let missing = 10_u64.checked_pow(decimals - kept as u32)?;
        whole = whole.checked_add(fraction[..kept].parse::<u64>().ok()?.checked_mul(missing)?)?;
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
    fn what_rounds_to_zero_is_skipped() {
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
            (
                "1,place,9,buy,99999999999999999999,1",
                RowError::Field("price"),
            ),
            (
                "1,place,9,buy,1844674407370955161.7,1",
                RowError::Field("price"),
            ),
            ("1,place,9,buy,1,NaN", RowError::Field("size")),
            ("1,place,9,buy,1,0.0000000000001", RowError::Field("size")),
        ] {
            assert_eq!(row(text), Err(error), "{text}");
        }
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
