//! Rows as structs: a table's columns by name, laid out in the order of its struct.

/// A value made of consecutive cells of a row.
pub trait Cells<T>: Sized {
    /// How many cells.
    const COUNT: usize;
    /// Reads the cells at the front of `row`.
    fn read(row: &[T]) -> Self;
    /// Writes the cells to the front of `row`.
    fn write(&self, row: &mut [T]);
}

impl<T: Copy> Cells<T> for T {
    const COUNT: usize = 1;
    #[inline(always)]
    fn read(row: &[T]) -> Self {
        row[0]
    }
    #[inline(always)]
    fn write(&self, row: &mut [T]) {
        row[0] = *self;
    }
}

impl<T: Copy, const N: usize> Cells<T> for [T; N] {
    const COUNT: usize = N;
    #[inline(always)]
    fn read(row: &[T]) -> Self {
        std::array::from_fn(|i| row[i])
    }
    #[inline(always)]
    fn write(&self, row: &mut [T]) {
        row[..N].copy_from_slice(self);
    }
}

impl<T: Copy, const M: usize, const N: usize> Cells<T> for [[T; M]; N] {
    const COUNT: usize = M * N;
    #[inline(always)]
    fn read(row: &[T]) -> Self {
        std::array::from_fn(|i| std::array::from_fn(|j| row[M * i + j]))
    }
    #[inline(always)]
    fn write(&self, row: &mut [T]) {
        row[..M * N].copy_from_slice(self.as_flattened());
    }
}

/// Declares a table's columns: a struct with one field per column (or array of columns), its
/// width, and the way from and to a row.
macro_rules! columns {
    (
        $(#[$meta:meta])*
        pub struct $name:ident<$t:ident> {
            $($(#[$field_meta:meta])* pub $field:ident: $ty:ty,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name<$t> {
            $($(#[$field_meta])* pub $field: $ty,)+
        }

        impl<$t: Copy> $name<$t> {
            /// Number of columns.
            pub const WIDTH: usize = 0 $(+ <$ty as $crate::columns::Cells<$t>>::COUNT)+;

            /// The row's cells by name.
            #[inline(always)]
            #[allow(unused_assignments)]
            #[must_use]
            pub fn read(row: &[$t]) -> Self {
                let mut at = 0;
                $(
                    let $field = <$ty as $crate::columns::Cells<$t>>::read(&row[at..]);
                    at += <$ty as $crate::columns::Cells<$t>>::COUNT;
                )+
                Self { $($field),+ }
            }

            /// Writes the cells to a row.
            #[inline(always)]
            #[allow(unused_assignments)]
            pub fn write(&self, row: &mut [$t]) {
                let mut at = 0;
                $(
                    <$ty as $crate::columns::Cells<$t>>::write(&self.$field, &mut row[at..]);
                    at += <$ty as $crate::columns::Cells<$t>>::COUNT;
                )+
            }
        }

        impl $name<usize> {
            /// The column numbers by name.
            #[must_use]
            pub fn numbers() -> Self {
                let row: [usize; Self::WIDTH] = std::array::from_fn(|i| i);
                Self::read(&row)
            }
        }
    };
}
pub(crate) use columns;

#[cfg(test)]
#[allow(unreachable_pub)]
mod tests {
    columns! {
        /// Example.
        pub struct Example<T> {
            /// One cell.
            pub a: T,
            /// Three cells.
            pub b: [T; 3],
            /// One cell.
            pub c: T,
        }
    }

    #[test]
    fn rows_keep_the_order_of_the_struct() {
        assert_eq!(Example::<u8>::WIDTH, 5);
        let row = [1, 2, 3, 4, 5];
        let cols = Example::read(&row);
        assert_eq!((cols.a, cols.b, cols.c), (1, [2, 3, 4], 5));
        let mut out = [0; 5];
        cols.write(&mut out);
        assert_eq!(out, row);
        assert_eq!(Example::numbers().c, 4);
    }
}
