using System.Text;

namespace Waybill.Ledger;

public sealed class LedgerLogTests : IDisposable
{
    private static readonly NoteSigner Signer = new("waybill.test/ledger", new byte[32]);

    private readonly string _directory = Directory.CreateTempSubdirectory("wb-ledger-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_log_that_was_closed_and_opened_again_goes_on_where_it_was()
    {
        var random = new Random(3);
        int written = 0;
        while (written < 1_500)
        {
            using var log = LedgerLog.Open(_directory, Signer);
            Assert.Equal(written, log.Size);
            for (int batch = 0; batch < 4; batch++)
            {
                int count = random.Next(1, 300);
                Assert.Equal(written, log.Append([.. Entries(written, count)]));
                written += count;
            }
        }
        Verification verified = Verification.Of(_directory, Signer.Key, cancel: TestContext.Current.CancellationToken);
        Assert.Empty(verified.Faults);
        Assert.Equal(written, verified.Size);
        Assert.Equal(Root(written), verified.Root);
        AssertProofs(written);
    }

    [Fact]
    public void What_a_crash_left_behind_the_checkpoint_is_nobodys_and_is_gone_after_the_next_start()
    {
        using (var log = LedgerLog.Open(_directory, Signer)) log.Append([.. Entries(0, 250)]);
        (string Path, byte[] Bytes)[] before = [.. Directory.EnumerateFiles(_directory, "*", SearchOption.AllDirectories).Select(file => (Path.GetRelativePath(_directory, file), File.ReadAllBytes(file)))];
        using (var log = LedgerLog.Open(_directory, Signer)) log.Append([.. Entries(250, 300)]);
        foreach (var (path, bytes) in before) Write(path, bytes);   // as if the power had failed before the new checkpoint's rename
        Write("tile/entries/001.p/44.new", [1, 2, 3]);
        using (var log = LedgerLog.Open(_directory, Signer))
        {
            Assert.Equal(250, log.Size);
            log.Append([.. Entries(9_000, 3)]);
        }
        Verification verified = Verification.Of(_directory, Signer.Key, cancel: TestContext.Current.CancellationToken);
        Assert.Equal(253, verified.Size);
        Assert.Empty(verified.Faults);
    }

    [Fact]
    public void A_directory_has_one_writer()
    {
        using var log = LedgerLog.Open(_directory, Signer);
        Assert.Contains("Another process", Assert.Throws<IOException>(() => LedgerLog.Open(_directory, Signer)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_appended_under_another_key_or_to_changed_tiles()
    {
        using (var log = LedgerLog.Open(_directory, Signer)) log.Append([.. Entries(0, 10)]);
        Assert.Throws<LedgerDamagedException>(() => LedgerLog.Open(_directory, new NoteSigner("waybill.test/ledger", [.. Enumerable.Repeat((byte)5, 32)])));
        byte[] hashes = File.ReadAllBytes(Path.Combine(_directory, "tile/0/000.p/10"));
        hashes[40] ^= 1;
        Write("tile/0/000.p/10", hashes);
        Assert.Throws<LedgerDamagedException>(() => LedgerLog.Open(_directory, Signer));
    }

    [Theory]
    [InlineData("checkpoint.new")]
    [InlineData("tile/entries/000.p/14.new")]
    [InlineData("tile/0/000.p/14.new")]
    public void After_the_disk_has_failed_all_or_nothing_of_the_batch_is_there_and_the_log_goes_on(string unwritable)
    {
        string obstacle = Path.Combine(_directory, unwritable);
        using (var log = LedgerLog.Open(_directory, Signer))
        {
            log.Append([.. Entries(0, 10)]);
            Directory.CreateDirectory(obstacle);   // a file cannot be written there
            Assert.ThrowsAny<Exception>(() => log.Append([.. Entries(10, 4)]));
            Assert.Throws<IOException>(() => log.Append([.. Entries(10, 4)]));   // not before it knows what is on the disk
            Assert.Equal(10, log.Size);
            log.Recover();
            Assert.ThrowsAny<Exception>(() => log.Append([.. Entries(10, 4)]));   // the disk still fails
            log.Recover();
            Assert.Equal(10, log.Size);
            Directory.Delete(obstacle);
            Assert.Equal(10, log.Append([.. Entries(10, 4)]));
            Assert.Equal(14, log.Append([.. Entries(14, 300)]));
            log.Recover();   // nothing has failed: changes nothing
            Assert.Equal(314, log.Size);
        }
        Verification verified = Verification.Of(_directory, Signer.Key, cancel: TestContext.Current.CancellationToken);
        Assert.Empty(verified.Faults);
        Assert.Equal(Root(314), verified.Root);
    }

    private void AssertProofs(int size)
    {
        var files = new TileFiles(_directory);
        var tree = new MerkleTree(size, files.ReadHashes);
        foreach (int index in (int[])[0, 255, 256, size / 2, size - 1])
            Assert.True(Proof.Includes(index, size, Digest.OfLeaf(Entry(index)), tree.ProveInclusion(index), Root(size)));
    }

    internal static IEnumerable<byte[]> Entries(int first, int count) => Enumerable.Range(first, count).Select(Entry);

    private static byte[] Entry(int index) => Encoding.UTF8.GetBytes($"{{\"act\":\"trace.read\",\"number\":{index},\"text\":\"{new string('x', index % 90)}\"}}");

    private static Digest Root(int size)
    {
        Digest[] leaves = [.. Entries(0, size).Select(entry => Digest.OfLeaf(entry))];
        return new MerkleTree(size, (level, tile, width) =>
        {
            int covered = 1 << (8 * level);
            return (Digest[])[.. Enumerable.Range(0, width).Select(i => MerkleTree.Fold(leaves.AsSpan(((int)tile * 256 + i) * covered, covered)))];
        }).Root();
    }

    private void Write(string path, byte[] bytes)
    {
        string file = Path.Combine(_directory, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, bytes);
    }
}
