//! Names in the cases that the languages want.

/// `mark_time_ms` to `MARK_TIME_MS`.
pub(super) fn upper(name: &str) -> String {
    name.to_uppercase()
}

/// `mark_time_ms` to `MarkTimeMs`.
pub(super) fn camel(name: &str) -> String {
    name.split('_')
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |first| {
                first.to_uppercase().chain(letters).collect()
            })
        })
        .collect()
}

/// `RemovalReason` to `REMOVAL_REASON`.
pub(super) fn screaming(name: &str) -> String {
    let mut out = String::new();
    for (i, letter) in name.chars().enumerate() {
        if i > 0 && letter.is_uppercase() {
            out.push('_');
        }
        out.extend(letter.to_uppercase());
    }
    out
}

/// 18446744 to `18_446_744`.
pub(super) fn grouped(value: u128) -> String {
    let digits = value.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('_');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases() {
        assert_eq!(camel("mark_time_ms"), "MarkTimeMs");
        assert_eq!(screaming("RemovalReason"), "REMOVAL_REASON");
        assert_eq!(grouped(1_234_567), "1_234_567");
        assert_eq!(grouped(12), "12");
    }
}
