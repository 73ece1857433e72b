using System.Globalization;
using Waybill.Processes;

namespace Waybill.Ledger;

/// <summary>A ledger of 2,000 entries, changed in every way that its files can be: each change is found, and no clean ledger is accused.</summary>
public sealed class TamperTests(ITestOutputHelper output) : IDisposable
{
    private const int Size = 2_000;
    private static readonly NoteSigner Signer = new("waybill.test/ledger", new byte[32]);

    private readonly string _directory = Built();

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_clean_ledger_is_never_accused() => Assert.Empty(Verify(_directory).Faults);

    /// <remarks>One byte in so many of each file here, and of one in a hundred of them each bit; WAYBILL_TAMPER_STRIDE=1 flips all.</remarks>
    [Fact]
    public void Every_flipped_byte_is_found_and_named()
    {
        int stride = Switches.Number("WAYBILL_TAMPER_STRIDE", 199), flips = 0, clean = 0;
        Dictionary<string, byte[]> files = InMemory();
        LedgerCopy whole = LedgerCopy.Of(files);
        foreach (var (path, original) in files)
            Parallel.For(0, original.Length / stride + 1, nth =>
            {
                int at = nth * stride + path.Length % stride;
                if (at >= original.Length) return;
                foreach (int bit in at % 100 == 0 ? Enumerable.Range(0, 8) : [at % 8])
                {
                    byte[] changed = [.. original];
                    changed[at] ^= (byte)(1 << bit);
                    Verification verified = Verify(whole.With(path, changed));
                    Assert.False(verified.IsWhole, $"bit {bit} of byte {at} of {path}");
                    Assert.True(verified.Faults.Any(fault => Concerns(fault, path, original, at)), $"byte {at} of {path}: {string.Join("; ", verified.Faults)}");
                    Interlocked.Increment(ref flips);
                }
                if (at % 200 != 0) return;
                Assert.Empty(Verify(whole.With(path, original)).Faults);
                Interlocked.Increment(ref clean);
            });
        output.WriteLine($"{flips} bits of {files.Sum(file => file.Value.Length)} bytes flipped, all found and named; {clean} clean copies, none accused");
        Assert.True(flips > 500);
    }

    /// <remarks>One entry in so many; WAYBILL_TAMPER_STRIDE=1 for all.</remarks>
    [Fact]
    public void Every_entry_that_is_removed_doubled_swapped_or_changed_is_found()
    {
        int stride = Switches.Number("WAYBILL_TAMPER_STRIDE", 23);
        Dictionary<string, byte[]> files = InMemory();
        LedgerCopy whole = LedgerCopy.Of(files);
        Parallel.For(0, Size / stride, nth =>
        {
            int number = nth * stride, tile = number / 256, within = number % 256, width = Math.Min(256, Size - tile * 256);
            string path = TileFiles.TilePath(null, tile, width);
            List<byte[]> entries = [.. TileFiles.ParseBundle(files[path], width, path)];
            AssertFound(tile * 256, [.. entries[..within], .. entries[(within + 1)..]]);
            AssertFound(tile * 256, [.. entries[..(within + 1)], .. entries[within..]]);
            AssertFound(number, [.. entries[..within], "{}"u8.ToArray(), .. entries[(within + 1)..]]);
            if (within + 1 < width) AssertFound(number, [.. entries[..within], entries[within + 1], entries[within], .. entries[(within + 2)..]]);

            void AssertFound(long place, List<byte[]> changed)
            {
                Verification verified = Verify(whole.With(path, TileFiles.FormatBundle(changed)));
                Assert.Contains(verified.Faults, fault => fault.Entry == place && fault.Path.StartsWith("tile/", StringComparison.Ordinal));
            }
        });
    }

    [Fact]
    public void Removed_swapped_and_doubled_entries_are_found_in_their_place()
    {
        string bundle = Path.Combine(_directory, "tile/entries/002");
        byte[] original = File.ReadAllBytes(bundle);
        List<byte[]> entries = [.. TileFiles.ParseBundle(original, 256, bundle)];
        AssertFoundAt(512 + 10, [.. entries[..10], entries[11], entries[10], .. entries[12..]]);
        AssertFoundAt(512 + 11, [.. entries[..11], entries[10], .. entries[12..]]);
        AssertFoundAt(512, [.. entries[..20], .. entries[21..]]);                   // one fewer: the bundle no longer has 256
        AssertFoundAt(512 + 255, [.. entries[..255], "{}"u8.ToArray()]);

        void AssertFoundAt(long entry, List<byte[]> changed)
        {
            new TileFiles(_directory).WriteEntries(2, changed);
            if (changed.Count != 256) File.Move(Path.Combine(_directory, $"tile/entries/002.p/{changed.Count}"), bundle, overwrite: true);
            Assert.Contains(Verify(_directory).Faults, fault => fault.Entry == entry);
            File.WriteAllBytes(bundle, original);
            if (Directory.Exists(bundle + ".p")) Directory.Delete(bundle + ".p", recursive: true);
        }
    }

    [Fact]
    public void A_missing_file_and_a_strange_one_are_found()
    {
        foreach (string file in Files())
        {
            byte[] original = File.ReadAllBytes(file);
            File.Delete(file);
            bool mayVanish = file.Contains(".p/", StringComparison.Ordinal) && !IsNewestPartial(file);
            Assert.Equal(mayVanish, Verify(_directory).IsWhole);
            File.WriteAllBytes(file, original);
        }
        string strange = Path.Combine(_directory, "tile/0/007.p/9x");
        File.WriteAllText(strange, "");
        Assert.Contains(Verify(_directory).Faults, fault => fault.Path == "tile/0/007.p/9x");
    }

    [Fact]
    public void A_ledger_written_anew_without_the_key_is_not_believed()
    {
        string forged = Directory.CreateTempSubdirectory("wb-forged-").FullName;
        try
        {
            Build(forged, 1, Size, new NoteSigner(Signer.Key.Name, [.. Enumerable.Repeat((byte)1, 32)]));
            Assert.Contains("no valid signature", Assert.Single(Verify(forged).Faults).What, StringComparison.Ordinal);
            // Its own checkpoint under the old signature does not help.
            File.Copy(Path.Combine(_directory, "checkpoint"), Path.Combine(forged, "checkpoint"), overwrite: true);
            Assert.Contains(Verify(forged).Faults, fault => fault.Path == "checkpoint");
        }
        finally
        {
            Directory.Delete(forged, recursive: true);
        }
    }

    [Fact]
    public void With_a_checkpoint_from_before_an_old_copy_and_a_history_written_anew_with_the_key_are_found()
    {
        var (seen, _) = Checkpoint.Open(File.ReadAllText(Path.Combine(_directory, "checkpoint")), Signer.Key);
        string other = Directory.CreateTempSubdirectory("wb-old-").FullName;
        try
        {
            Build(other, 0, 1_500);
            LedgerFault cut = Assert.Single(Verify(other, seen).Faults);
            Assert.Equal(1_500, cut.Entry);
            Directory.Delete(other, recursive: true);
            Build(other, 5, Size + 100);
            Assert.Contains("written anew", Assert.Single(Verify(other, seen).Faults).What, StringComparison.Ordinal);
            Assert.Empty(Verify(_directory, seen).Faults);
        }
        finally
        {
            Directory.Delete(other, recursive: true);
        }
    }

    private static string Built()
    {
        string directory = Directory.CreateTempSubdirectory("wb-tamper-").FullName;
        Build(directory, 0, Size);
        return directory;
    }

    private static void Build(string directory, int first, int count, NoteSigner? signer = null)
    {
        using var log = LedgerLog.Open(directory, signer ?? Signer);
        foreach (byte[][] batch in LedgerLogTests.Entries(first, count).Chunk(93)) log.Append(batch);
    }

    private static Verification Verify(string directory, params Checkpoint?[] seen) => Verification.Of(directory, Signer.Key, seen.OfType<Checkpoint>().ToList(), cancel: TestContext.Current.CancellationToken);

    /// <summary>The same verifier over a whole copy in which one file is another.</summary>
    private static Verification Verify(LedgerCopy copy) => Verification.Of(copy, Signer.Key, cancel: TestContext.Current.CancellationToken);

    private Dictionary<string, byte[]> InMemory() => Files().ToDictionary(file => Path.GetRelativePath(_directory, file).Replace('\\', '/'), File.ReadAllBytes);

    private List<string> Files() => Directory.EnumerateFiles(_directory, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != "lock").Order(StringComparer.Ordinal).ToList();

    private static bool IsNewestPartial(string file) => Directory.EnumerateFiles(Path.GetDirectoryName(file)!).All(other => Width(other) <= Width(file));

    private static int Width(string partial) => int.Parse(Path.GetFileName(partial), CultureInfo.InvariantCulture);

    /// <summary>The fault is in the changed file, or names an entry that the changed byte belongs to.</summary>
    private static bool Concerns(LedgerFault fault, string path, byte[] original, int at)
    {
        if (fault.Path == path) return true;
        if (!path.StartsWith("tile/entries/", StringComparison.Ordinal)) return false;
        long entry = int.Parse(path["tile/entries/".Length..].Split('.')[0], CultureInfo.InvariantCulture) * 256L;
        for (int begin = 0; begin + 2 + ((original[begin] << 8) | original[begin + 1]) is var end && end <= at; begin = end) entry++;
        return fault.Entry == entry;
    }
}
