// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AddressWords} from "../src/AddressWords.sol";
import {BatchData} from "../src/BatchData.sol";
import {RequestQueue} from "../src/RequestQueue.sol";
import {RollupTest} from "./utils/RollupTest.sol";

/// @notice Passes bytes on as calldata.
contract Reader {
    function word(bytes calldata data, uint256 index) external pure returns (uint64) {
        return BatchData.word(data, index);
    }

    function digest(bytes calldata data, uint256 index) external pure returns (bytes32) {
        return BatchData.digest(data, index);
    }

    function expectedLength(bytes calldata data) external pure returns (uint256) {
        return BatchData.expectedLength(data);
    }

    function withdrawal(bytes calldata data, uint256 index)
        external
        pure
        returns (address, uint64, bool)
    {
        return BatchData.withdrawal(data, index);
    }

    function extend(bytes32 start, bytes calldata data, uint256 count)
        external
        pure
        returns (bytes32)
    {
        return RequestQueue.extend(start, data, count);
    }
}

/// @notice Words read from calldata, against plain loops over their bytes.
contract BatchDataTest is RollupTest {
    Reader private _reader;

    function setUp() public override {
        super.setUp();
        _reader = new Reader();
    }

    function test_fuzz_wordsAreBigEndian(bytes calldata data, uint256 index) public {
        uint256 words = data.length / 8;
        if (words == 0 || index % (words + 1) == words) {
            vm.expectRevert();
            _reader.word(data, words);
            return;
        }
        index = index % (words + 1);
        uint256 expected;
        for (uint256 i = 0; i < 8; ++i) {
            expected = expected * 256 + uint8(data[8 * index + i]);
        }
        assertEq(_reader.word(data, index), expected);
        if (words < index + 4) vm.expectRevert();
        bytes32 digest = _reader.digest(data, index);
        if (words >= index + 4) assertEq(uint256(digest) >> 192, expected);
    }

    function test_fuzz_sectionsFollowTheirCounts(uint8 requests, uint8 withdrawals, uint64 amount)
        public
        view
    {
        Batch memory batch = _next();
        uint256 count = requests % 6;
        bytes32 chain = keccak256("start");
        bytes32 expected = chain;
        for (uint256 i = 0; i < count; ++i) {
            bytes memory words = _depositWords(uint32(i + 1), ALICE, uint64(i) + amount / 2);
            _addRequest(batch, words);
            expected = keccak256(abi.encodePacked(expected, words));
        }
        for (uint256 i = 0; i < withdrawals % 6; ++i) {
            _addWithdrawal(batch, address(uint160(uint256(keccak256(abi.encode(i))))), amount);
        }
        bytes memory output = _output(batch);
        assertEq(_reader.expectedLength(output), output.length);
        assertEq(_reader.extend(chain, output, count), expected);
        for (uint256 i = 0; i < withdrawals % 6; ++i) {
            (address owner, uint64 got, bool valid) = _reader.withdrawal(output, i);
            assertEq(owner, address(uint160(uint256(keccak256(abi.encode(i))))));
            assertEq(got, amount);
            assertTrue(valid == (amount > 0 && amount < 1 << 58));
        }
    }

    function test_fuzz_addressesSplitAndJoin(address account) public pure {
        (uint64 a, uint64 b, uint64 c) = AddressWords.split(account);
        assertEq(abi.encodePacked(a, b, c), _owner(account));
        (address joined, bool fits) = AddressWords.join(a, b, c);
        assertEq(joined, account);
        assertTrue(fits);
    }

    function test_fuzz_wideWordsAreNoAddress(uint64 a, uint64 b, uint64 c) public pure {
        (, bool fits) = AddressWords.join(a, b, c);
        assertTrue(fits == (a < 1 << 56 && b < 1 << 56 && c < 1 << 48));
    }
}
