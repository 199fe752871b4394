// Powers of two, from a table in the program's own words.

from starkware.cairo.lang.compiler.lib.registers import get_fp_and_pc

// Proven here: 2^exponent; the words are part of the program's digest.
// Assumes: 0 <= exponent < 32, range-checked by the caller.
func power_of_two(exponent: felt) -> felt {
    let (_, pc) = get_fp_and_pc();

    here:
    let table = pc + (powers - here);
    return [table + exponent];

    powers:
    dw 1;
    dw 2;
    dw 4;
    dw 8;
    dw 16;
    dw 32;
    dw 64;
    dw 128;
    dw 256;
    dw 512;
    dw 1024;
    dw 2048;
    dw 4096;
    dw 8192;
    dw 16384;
    dw 32768;
    dw 65536;
    dw 131072;
    dw 262144;
    dw 524288;
    dw 1048576;
    dw 2097152;
    dw 4194304;
    dw 8388608;
    dw 16777216;
    dw 33554432;
    dw 67108864;
    dw 134217728;
    dw 268435456;
    dw 536870912;
    dw 1073741824;
    dw 2147483648;
}
