using System.Numerics;

namespace Waybill.Ledger;

/// <summary>A tree of hashes over the first <see cref="Size"/> entries, as RFC 6962 §2.1 builds it, read from tiles (C2SP tlog-tiles).</summary>
/// <param name="readTile">The first <c>width</c> hashes of tile <c>number</c> at tile level <c>level</c>; a hash of level L covers 256^L entries.</param>
public sealed class MerkleTree(long size, Func<int, long, int, ReadOnlyMemory<Digest>> readTile)
{
    public const int TileWidth = 256;
    private const int TileBits = 8;

    public long Size { get; } = size >= 0 ? size : throw new ArgumentOutOfRangeException(nameof(size));

    /// <summary>The tree as it was at an earlier size: its tiles are beginnings of today's.</summary>
    public MerkleTree Older(long size)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, Size);
        return new MerkleTree(size, (level, tile, width) =>
        {
            int now = (int)Math.Min(TileWidth, (Size >> (level * TileBits)) - tile * TileWidth);
            return readTile(level, tile, now)[..width];
        });
    }

    public Digest Root() => Size == 0 ? Digest.Empty : Range(0, Size);

    /// <summary>The hashes that lead from an entry's leaf to the root.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The tree has no such entry.</exception>
    public List<Digest> ProveInclusion(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Size);
        var proof = new List<Digest>();
        for (long begin = 0, end = Size; end - begin > 1;)
        {
            long middle = begin + LargestPowerBelow(end - begin);
            if (index < middle)
            {
                proof.Add(Range(middle, end));
                end = middle;
            }
            else
            {
                proof.Add(Range(begin, middle));
                begin = middle;
            }
        }
        proof.Reverse();
        return proof;
    }

    /// <summary>The hashes that show that the first <paramref name="oldSize"/> entries are the same as they were.</summary>
    /// <param name="oldSize">From 1 to <see cref="Size"/>: there is nothing to prove about an empty log.</param>
    public List<Digest> ProveConsistency(long oldSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(oldSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(oldSize, Size);
        var proof = new List<Digest>();
        long begin = 0, end = Size;
        bool known = true;   // whether the old root itself is what remains to be shown
        while (oldSize != end)
        {
            long middle = begin + LargestPowerBelow(end - begin);
            if (oldSize <= middle)
            {
                proof.Add(Range(middle, end));
                end = middle;
            }
            else
            {
                proof.Add(Range(begin, middle));
                begin = middle;
                known = false;
            }
        }
        if (!known) proof.Add(Range(begin, end));
        proof.Reverse();
        return proof;
    }

    private Digest Range(long begin, long end)
    {
        long length = end - begin;
        if (BitOperations.IsPow2(length) && begin % length == 0) return Node(BitOperations.Log2((ulong)length), begin / length);
        long middle = begin + LargestPowerBelow(length);
        return Digest.OfNode(Range(begin, middle), Range(middle, end));
    }

    /// <summary>The hash over 2^<paramref name="level"/> entries from <paramref name="index"/> · 2^<paramref name="level"/> on.</summary>
    private Digest Node(int level, long index)
    {
        int tileLevel = level / TileBits, within = level % TileBits, count = 1 << within;
        long first = index << within;
        long tile = first / TileWidth;
        int width = (int)Math.Min(TileWidth, (Size >> (tileLevel * TileBits)) - tile * TileWidth);
        return Fold(readTile(tileLevel, tile, width).Span.Slice((int)(first % TileWidth), count));
    }

    /// <summary>The hash over a power of two of hashes.</summary>
    public static Digest Fold(ReadOnlySpan<Digest> hashes) =>
        hashes.Length == 1 ? hashes[0] : Digest.OfNode(Fold(hashes[..(hashes.Length / 2)]), Fold(hashes[(hashes.Length / 2)..]));

    /// <summary>The largest power of two below <paramref name="n"/>, which is at least 2.</summary>
    private static long LargestPowerBelow(long n) => 1L << BitOperations.Log2((ulong)(n - 1));
}
