// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Binding} from "./Binding.sol";
import {ModelRegistry} from "./ModelRegistry.sol";
import {WalkVerifier} from "./WalkVerifier.sol";
import {Bls} from "./lib/Bls.sol";
import {DataContract} from "./lib/DataContract.sol";
import {Fr} from "./lib/Fr.sol";
import {Header, ObjectHeader} from "./lib/ObjectHeader.sol";
import {PointEvaluation} from "./lib/PointEvaluation.sol";
import {Ssz, Tensor} from "./lib/Ssz.sol";

/// @title Bytes of a checkpoint, proven against its object root
/// @notice All calls are views: a contract calls them and gets bytes, or the call reverts. Bytes
///         are proven. Where a tensor lies, and as what type, is what the publisher declared.
/// @dev See docs/formats/opening.md.
contract WeightVerifier is Binding {
    /// One blob of an opening: its commitment, 48 bytes, and the path to commitments_root.
    struct BlobProof {
        bytes commitment;
        bytes32[] path;
    }

    /// One element: its value and the 48 bytes of its KZG proof.
    struct ElementProof {
        uint256 y;
        bytes proof;
    }

    error RangeRefused();
    error NotADataElement(uint256 y);
    error ProofCount();
    error SetupRefused();
    error CellRefused(string what);

    uint256 private constant BLOB_PAYLOAD = ObjectHeader.BLOB_PAYLOAD;
    uint256 private constant ELEMENT_BYTES = ObjectHeader.ELEMENT_BYTES;
    uint256 private constant CELL_ELEMENTS = 64;
    uint256 private constant CELL_BYTES = 64 * 31;
    /// keccak256 of the ceremony's first 64 monomial points of G1, 128 bytes each.
    bytes32 private constant SETUP_HASH =
        0x436b4de827a8af9c3aa60bb31fdb7b20815e623fdbe970d5c190055a070a1684;

    /// Holds those points as its code, after one zero byte.
    address public immutable setup;

    constructor(ModelRegistry models_, WalkVerifier walks_, bytes memory points)
        Binding(models_, walks_)
    {
        if (keccak256(points) != SETUP_HASH) revert SetupRefused();
        setup = DataContract.write(points);
    }

    /// @return The 31 payload bytes of one element of a data blob.
    function verifyElement(
        bytes32 objectRoot,
        bytes32[16] calldata header,
        uint256 blob,
        uint256 element,
        BlobProof calldata blobProof,
        ElementProof calldata elementProof
    ) external view returns (bytes31) {
        Header memory h = ObjectHeader.parse(objectRoot, header);
        if (element >= 4096) revert RangeRefused();
        requireBlob(h, blob, blobProof);
        requireElement(blobProof.commitment, element, elementProof);
        return bytes31(bytes32(elementProof.y << 8));
    }

    /// @notice Payload bytes [offset, offset + length), over as many elements and blobs as needed.
    /// @param blobs    One for each blob that the range touches, in order.
    /// @param elements One for each element that the range touches, in order.
    function verifyBytes(
        bytes32 objectRoot,
        bytes32[16] calldata header,
        uint256 offset,
        uint256 length,
        BlobProof[] calldata blobs,
        ElementProof[] calldata elements
    ) external view returns (bytes memory) {
        Header memory h = ObjectHeader.parse(objectRoot, header);
        return verifyRange(h, offset, length, blobs, elements);
    }

    /// @notice That a named tensor lies there, as declared, and bytes [from, from + length) of it.
    function verifyTensor(
        bytes32 objectRoot,
        bytes32[16] calldata header,
        Tensor calldata tensor,
        uint256 from,
        uint256 length,
        BlobProof[] calldata blobs,
        ElementProof[] calldata elements
    ) external view returns (bytes memory) {
        Header memory h = ObjectHeader.parse(objectRoot, header);
        Ssz.requireTensor(tensor, h.directoryRoot);
        if (from > tensor.size || length > tensor.size - from) revert RangeRefused();
        // Files end before the directory begins.
        if (uint256(tensor.offset) + tensor.size > h.directoryOffset) revert RangeRefused();
        return verifyRange(h, tensor.offset + from, length, blobs, elements);
    }

    /// @notice A whole cell of EIP-7594: payload bytes [1984·cell, 1984·cell + 1984) of a blob.
    /// @param commitment The blob's commitment as coordinates.
    /// @param proof      The cell's proof as coordinates.
    /// @dev e(C − [I(τ)] + h⁶⁴·π, G2) = e(π, [τ⁶⁴]): I interpolates the cell over its coset
    ///      h·⟨ω₆₄⟩, and the quotient (p − I)/(X⁶⁴ − h⁶⁴) is under π.
    function verifyCell(
        bytes32 objectRoot,
        bytes32[16] calldata header,
        uint256 blob,
        uint256 cell,
        Bls.G1Point calldata commitment,
        bytes32[] calldata path,
        bytes calldata payload,
        Bls.G1Point calldata proof
    ) external view returns (bool) {
        if (cell >= 64) revert CellRefused("index");
        if (payload.length != CELL_BYTES) revert CellRefused("length");
        Header memory h = ObjectHeader.parse(objectRoot, header);
        requireData(h, blob);
        (bytes32 head, bytes32 tail) = Bls.compress(commitment);
        ObjectHeader.requireCommitment(h, blob, head, tail, path);
        uint256 shift = Fr.pow(Fr.ROOT_4096, Fr.reverseBits(cell, 6));
        uint256[] memory interpolant = interpolate(payload, shift);
        bytes memory input = cellTerms(interpolant, commitment, proof, Fr.pow(shift, 64));
        Bls.G1Point memory left = Bls.msm(input);
        if (!Bls.pairingIsOne(left, Bls.g2Generator(), Bls.negate(proof), tau64()))
            revert CellRefused("proof");
        return true;
    }

    function verifyRange(
        Header memory h,
        uint256 offset,
        uint256 length,
        BlobProof[] calldata blobs,
        ElementProof[] calldata elements
    ) private view returns (bytes memory out) {
        if (length == 0 || offset > h.payloadBytes || length > h.payloadBytes - offset)
            revert RangeRefused();
        uint256 first = elementOf(offset);
        uint256 last = elementOf(offset + length - 1);
        if (elements.length != last - first + 1) revert ProofCount();
        if (blobs.length != last / 4096 - first / 4096 + 1) revert ProofCount();
        for (uint256 b = 0; b < blobs.length; ++b) requireBlob(h, first / 4096 + b, blobs[b]);

        bytes memory whole = new bytes(ELEMENT_BYTES * elements.length + 32);
        for (uint256 i = 0; i < elements.length; ++i) {
            uint256 e = first + i;
            requireElement(blobs[e / 4096 - first / 4096].commitment, e % 4096, elements[i]);
            uint256 word = elements[i].y << 8;
            assembly ("memory-safe") {
                mstore(add(add(whole, 0x20), mul(i, 31)), word)
            }
        }
        uint256 skip = (offset % BLOB_PAYLOAD) % ELEMENT_BYTES;
        out = new bytes(length);
        assembly ("memory-safe") {
            mcopy(add(out, 0x20), add(add(whole, 0x20), skip), length)
        }
    }

    /// Elements of all data blobs in a row: 4096 a blob.
    function elementOf(uint256 offset) private pure returns (uint256) {
        return 4096 * (offset / BLOB_PAYLOAD) + (offset % BLOB_PAYLOAD) / ELEMENT_BYTES;
    }

    function requireData(Header memory h, uint256 blob) private view {
        if (blob >= h.dataBlobs) revert RangeRefused();
        requireBound(h, blob, blob + 1);
    }

    function requireBlob(Header memory h, uint256 blob, BlobProof calldata proof) private view {
        requireData(h, blob);
        ObjectHeader.requireCommitment(h, blob, proof.commitment, proof.path);
    }

    function requireElement(bytes calldata commitment, uint256 element, ElementProof calldata proof)
        private
        view
    {
        if (proof.y >> 248 != 0) revert NotADataElement(proof.y);
        PointEvaluation.verify(commitment, Fr.elementPoint(element), proof.y, proof.proof);
    }

    /// Coefficients of the polynomial of degree < 64 through the cell's elements over its coset.
    function interpolate(bytes calldata payload, uint256 shift)
        private
        pure
        returns (uint256[] memory a)
    {
        a = new uint256[](CELL_ELEMENTS);
        for (uint256 i = 0; i < CELL_ELEMENTS; ++i) {
            a[i] = uint256(uint248(bytes31(payload[31 * i:31 * i + 31])));
        }
        inverseTransform(a);
        // Over a coset: coefficient k is the transform's, divided by 64·shift^k.
        uint256 factor = Fr.INVERSE_64;
        uint256 step = Fr.pow(shift, Fr.R - 2);
        for (uint256 k = 0; k < CELL_ELEMENTS; ++k) {
            a[k] = mulmod(a[k], factor, Fr.R);
            factor = mulmod(factor, step, Fr.R);
        }
    }

    /// Values in bit-reversed order in, 64 times the coefficients in natural order out.
    function inverseTransform(uint256[] memory a) private pure {
        uint256 inverse = Fr.pow(Fr.ROOT_64, 63);
        for (uint256 half = 1; half < CELL_ELEMENTS; half <<= 1) {
            uint256 step = Fr.pow(inverse, CELL_ELEMENTS / (2 * half));
            for (uint256 from = 0; from < CELL_ELEMENTS; from += 2 * half) {
                uint256 twiddle = 1;
                for (uint256 i = from; i < from + half; ++i) {
                    uint256 product = mulmod(a[i + half], twiddle, Fr.R);
                    a[i + half] = addmod(a[i], Fr.R - product, Fr.R);
                    a[i] = addmod(a[i], product, Fr.R);
                    twiddle = mulmod(twiddle, step, Fr.R);
                }
            }
        }
    }

    /// Terms of C − Σ_k I_k·[τ^k] + h⁶⁴·π.
    function cellTerms(
        uint256[] memory interpolant,
        Bls.G1Point calldata commitment,
        Bls.G1Point calldata proof,
        uint256 coset
    ) private view returns (bytes memory input) {
        input = new bytes(160 * (CELL_ELEMENTS + 2));
        address from = setup;
        for (uint256 k = 0; k < CELL_ELEMENTS; ++k) {
            uint256 scalar = Fr.negate(interpolant[k]);
            assembly ("memory-safe") {
                let to := add(add(input, 0x20), mul(k, 160))
                extcodecopy(from, to, add(1, mul(k, 128)), 128)
                mstore(add(to, 128), scalar)
            }
        }
        assembly ("memory-safe") {
            let to := add(add(input, 0x20), mul(64, 160))
            calldatacopy(to, commitment, 128)
            mstore(add(to, 128), 1)
            calldatacopy(add(to, 160), proof, 128)
            mstore(add(to, 288), coset)
        }
    }

    /// [τ⁶⁴]₂ of the ceremony.
    function tau64() private pure returns (Bls.G2Point memory point) {
        point.words = [
            0x12838a761053437883c3e01ba616670c,
            0xea843754548ef84bcc397de2369adcca2ab54cd73c55dc68d87aec3fc2fe4f10,
            0x12dcc5a1c8c3e1b28b1524e3dd6dbecd,
            0x63017c9201da9dbe077f1b82adc08c50169f56fc7b5a3b28ec6b89254de3e2fd,
            0x01ae6000d8e795efa3e96b939df6861d,
            0xb9f6bcff35b4694605ad5fdaf950fec9ae3e9c7e28da965024ed859c18db9c73,
            0x056e7a04ea62222711a986e4f4f38ba4,
            0x909ea2f4cb8abe56fec9fe9bcfadbcea5fb660bc4b1032ed359261d74d2ba725
        ];
    }
}
