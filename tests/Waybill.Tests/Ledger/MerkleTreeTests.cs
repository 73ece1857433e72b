using System.Text;

namespace Waybill.Ledger;

public sealed class MerkleTreeTests
{
    private const int SizeMax = 256;

    // Grows past two tile levels, so that folding within and across tiles is seen.
    private static readonly Digest[] Leaves = [.. Enumerable.Range(0, 70_000).Select(i => Digest.OfLeaf(Encoding.ASCII.GetBytes($"entry {i}")))];

    /// <summary>RFC 6962 §2.1 word for word, over the leaves themselves.</summary>
    private static Digest Mth(ReadOnlySpan<Digest> leaves)
    {
        if (leaves.Length == 0) return Digest.Empty;
        if (leaves.Length == 1) return leaves[0];
        int k = 1;
        while (k * 2 < leaves.Length) k *= 2;
        return Digest.OfNode(Mth(leaves[..k]), Mth(leaves[k..]));
    }

    private static MerkleTree Tree(long size) => new(size, (level, tile, width) =>
    {
        if (level == 0) return Leaves.AsMemory((int)tile * 256, width);
        int covered = 1 << (8 * level);
        var hashes = new Digest[width];
        for (int i = 0; i < width; i++) hashes[i] = Mth(Leaves.AsSpan(((int)tile * 256 + i) * covered, covered));
        return hashes;
    });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(1000)]
    [InlineData(65_536)]
    [InlineData(70_000)]
    public void The_root_from_tiles_is_that_of_the_leaves(int size) => Assert.Equal(Mth(Leaves.AsSpan(0, size)), Tree(size).Root());

    [Fact]
    public void Every_entry_of_every_size_is_proven_and_nothing_else_is()
    {
        Digest[] roots = Roots();
        var random = new Random(1);
        for (int size = 1; size <= SizeMax; size++)
        {
            var tree = Tree(size);
            for (int index = 0; index < size; index++)
            {
                List<Digest> proof = tree.ProveInclusion(index);
                Assert.True(Proof.Includes(index, size, Leaves[index], proof, roots[size]));
                Assert.False(Proof.Includes(index, size, Leaves[index + 1], proof, roots[size]));
                Assert.False(Proof.Includes(index, size, Leaves[index], proof, roots[size - 1]));
                foreach (List<Digest> forged in Forgeries(proof, random)) Assert.False(Proof.Includes(index, size, Leaves[index], forged, roots[size]));
                int other = random.Next(SizeMax);
                if (other != index) Assert.False(Proof.Includes(other, size, Leaves[index], proof, roots[size]));
            }
        }
    }

    [Fact]
    public void Every_pair_of_sizes_is_proven_consistent_and_no_forgery_is()
    {
        Digest[] roots = Roots();
        var random = new Random(2);
        for (int size = 1; size <= SizeMax; size++)
            for (int old = 1; old <= size; old++)
            {
                List<Digest> proof = Tree(size).ProveConsistency(old);
                Assert.True(Proof.IsConsistent(old, size, proof, roots[old], roots[size]));
                Assert.False(Proof.IsConsistent(old, size, proof, roots[old - 1], roots[size]));
                if (old < size) Assert.False(Proof.IsConsistent(old, size, proof, roots[old], roots[size - 1]));
                List<Digest>[] forgeries = [.. Forgeries(proof, random)];
                foreach (List<Digest> forged in random.GetItems(forgeries, 1)) Assert.False(Proof.IsConsistent(old, size, forged, roots[old], roots[size]));
            }
    }

    [Fact]
    public void A_proof_of_a_large_log_needs_few_hashes_and_reads_across_tile_levels()
    {
        var tree = Tree(70_000);
        Digest root = tree.Root();
        foreach (long index in (long[])[0, 255, 256, 65_535, 65_536, 69_999])
        {
            List<Digest> proof = tree.ProveInclusion(index);
            Assert.InRange(proof.Count, 1, 17);
            Assert.True(Proof.Includes(index, 70_000, Leaves[index], proof, root));
        }
        Assert.True(Proof.IsConsistent(65_537, 70_000, tree.ProveConsistency(65_537), Mth(Leaves.AsSpan(0, 65_537)), root));
        Assert.Equal(Mth(Leaves.AsSpan(0, 300)), tree.Older(300).Root());
    }

    private static Digest[] Roots() => [.. Enumerable.Range(0, SizeMax + 1).Select(size => Mth(Leaves.AsSpan(0, size)))];

    private static IEnumerable<List<Digest>> Forgeries(List<Digest> proof, Random random)
    {
        yield return [.. proof, Leaves[0]];
        if (proof.Count == 0) yield break;
        int at = random.Next(proof.Count);
        yield return [.. proof[..at], .. proof[(at + 1)..]];
        byte[] flipped = proof[at].ToArray();
        flipped[random.Next(Digest.Size)] ^= (byte)(1 << random.Next(8));
        yield return [.. proof[..at], new Digest(flipped), .. proof[(at + 1)..]];
        if (proof.Count > 1 && proof[0] != proof[^1]) yield return [proof[^1], .. proof[1..^1], proof[0]];
    }
}
