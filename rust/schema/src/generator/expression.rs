//! Integer expressions over `+ - * ^ ( )` and names.

use thiserror::Error;

/// A parsed expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Expression {
    Integer(u128),
    Name(String),
    Binary(Operator, Box<Expression>, Box<Expression>),
}

/// What joins two expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Power,
}

/// Why an expression has no value.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum ExpressionError {
    #[error("`{0}` is not an expression")]
    Syntax(String),
    #[error("`{0}` is not defined further up")]
    Unknown(String),
    #[error("the value does not fit 128 bits, or is negative")]
    Range,
}

impl Expression {
    pub(super) fn parse(text: &str) -> Result<Self, ExpressionError> {
        let fail = || ExpressionError::Syntax(text.to_owned());
        let tokens = tokens(text).ok_or_else(fail)?;
        let mut parser = Parser { tokens, at: 0 };
        let parsed = parser.sum().ok_or_else(fail)?;
        if parser.at == parser.tokens.len() {
            Ok(parsed)
        } else {
            Err(fail())
        }
    }

    pub(super) fn value(
        &self,
        lookup: &dyn Fn(&str) -> Option<u128>,
    ) -> Result<u128, ExpressionError> {
        match self {
            Self::Integer(value) => Ok(*value),
            Self::Name(name) => {
                lookup(name).ok_or_else(|| ExpressionError::Unknown(name.to_owned()))
            }
            Self::Binary(operator, left, right) => {
                let (left, right) = (left.value(lookup)?, right.value(lookup)?);
                match operator {
                    Operator::Add => left.checked_add(right),
                    Operator::Subtract => left.checked_sub(right),
                    Operator::Multiply => left.checked_mul(right),
                    Operator::Power => u32::try_from(right)
                        .ok()
                        .and_then(|exponent| left.checked_pow(exponent)),
                }
                .ok_or(ExpressionError::Range)
            }
        }
    }

    /// The expression in Rust, over `u128`.
    pub(super) fn rust(&self) -> String {
        match self {
            Self::Integer(value) => format!("{value}u128"),
            Self::Name(name) => format!("({name} as u128)"),
            Self::Binary(operator, left, right) => {
                let (left, right) = (left.rust(), right.rust());
                match operator {
                    Operator::Add => format!("({left} + {right})"),
                    Operator::Subtract => format!("({left} - {right})"),
                    Operator::Multiply => format!("({left} * {right})"),
                    Operator::Power => format!("{left}.pow({right} as u32)"),
                }
            }
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Token {
    Integer(u128),
    Name(String),
    Symbol(char),
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = rest
            .find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
            .unwrap_or(rest.len());
        let token = if first.is_ascii_digit() {
            Token::Integer(rest[..length].parse().ok()?)
        } else if length > 0 {
            Token::Name(rest[..length].to_owned())
        } else if "+-*^()".contains(first) {
            Token::Symbol(first)
        } else {
            return None;
        };
        out.push(token);
        rest = rest[length.max(1)..].trim_start();
    }
    Some(out)
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn take(&mut self, symbols: &str) -> Option<char> {
        match self.tokens.get(self.at) {
            Some(Token::Symbol(symbol)) if symbols.contains(*symbol) => {
                self.at += 1;
                Some(*symbol)
            }
            _ => None,
        }
    }

    fn sum(&mut self) -> Option<Expression> {
        let mut left = self.product()?;
        while let Some(symbol) = self.take("+-") {
            let operator = if symbol == '+' {
                Operator::Add
            } else {
                Operator::Subtract
            };
            left = Expression::Binary(operator, Box::new(left), Box::new(self.product()?));
        }
        Some(left)
    }

    fn product(&mut self) -> Option<Expression> {
        let mut left = self.power()?;
        while self.take("*").is_some() {
            left = Expression::Binary(Operator::Multiply, Box::new(left), Box::new(self.power()?));
        }
        Some(left)
    }

    fn power(&mut self) -> Option<Expression> {
        let base = self.atom()?;
        if self.take("^").is_none() {
            return Some(base);
        }
        let exponent = self.atom()?;
        Some(Expression::Binary(
            Operator::Power,
            Box::new(base),
            Box::new(exponent),
        ))
    }

    fn atom(&mut self) -> Option<Expression> {
        if self.take("(").is_some() {
            let inner = self.sum()?;
            return self.take(")").map(|_| inner);
        }
        let parsed = match self.tokens.get(self.at)? {
            Token::Integer(value) => Expression::Integer(*value),
            Token::Name(name) => Expression::Name(name.clone()),
            Token::Symbol(_) => return None,
        };
        self.at += 1;
        Some(parsed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Result<u128, ExpressionError> {
        Expression::parse(text)?.value(&|name| (name == "SEVEN").then_some(7))
    }

    #[test]
    fn precedence_and_names() {
        assert_eq!(value("2^64 - 2^32 + 1"), Ok(0xffff_ffff_0000_0001));
        assert_eq!(value("2 + 3 * 2^(SEVEN - 4)"), Ok(26));
        assert_eq!(value("10 - 3 - 2"), Ok(5));
    }

    #[test]
    fn what_is_no_expression() {
        for text in ["", "1 +", "(1", "1 2", "2 / 1", "1)"] {
            assert!(
                matches!(value(text), Err(ExpressionError::Syntax(_))),
                "{text}"
            );
        }
        assert_eq!(
            value("EIGHT"),
            Err(ExpressionError::Unknown("EIGHT".into()))
        );
        assert_eq!(value("1 - 2"), Err(ExpressionError::Range));
        assert_eq!(value("2^128"), Err(ExpressionError::Range));
    }
}
