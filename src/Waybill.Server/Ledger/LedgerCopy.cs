using System.Globalization;
using System.Runtime.CompilerServices;
using Waybill.Encryption;

namespace Waybill.Ledger;

/// <summary>The files of a ledger as a verification sees them: in a directory, or in memory, where a test can change each byte of each file.</summary>
public sealed class LedgerCopy
{
    private readonly Func<string, byte[]?> _read;
    private readonly Func<string, IEnumerable<string>> _list;
    private readonly Func<IEnumerable<string>> _all;
    private IReadOnlyDictionary<string, byte[]>? _files;
    private ConditionalWeakTable<byte[], LedgerBundle>? _bundles;
    private Sealer? _sealer;

    private LedgerCopy(Func<string, byte[]?> read, Func<string, IEnumerable<string>> list, Func<IEnumerable<string>> all) => (_read, _list, _all) = (read, list, all);

    /// <param name="sealer">Opens entries that are encrypted.</param>
    public static LedgerCopy In(string directory, Sealer? sealer = null) => new(
        path => Path.Combine(directory, path) is var file && File.Exists(file) ? File.ReadAllBytes(file) : null,
        path => Path.Combine(directory, path) is var folder && Directory.Exists(folder) ? Directory.EnumerateFiles(folder).Select(file => Path.GetFileName(file)) : [],
        () => Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(directory, file).Replace('\\', '/'))) { _sealer = sealer };

    /// <param name="files">By path below the ledger's directory.</param>
    public static LedgerCopy Of(IReadOnlyDictionary<string, byte[]> files)
    {
        var folders = files.Keys.ToLookup(path => Path.GetDirectoryName(path)!.Replace('\\', '/'), path => Path.GetFileName(path), StringComparer.Ordinal);
        return new LedgerCopy(files.GetValueOrDefault, folder => folders[folder], () => files.Keys) { _files = files, _bundles = [] };
    }

    /// <summary>The same copy in memory with one file changed. What was hashed of the others is not hashed again: their bytes are the same.</summary>
    public LedgerCopy With(string path, byte[] changed)
    {
        LedgerCopy copy = Of(new Dictionary<string, byte[]>(_files ?? throw new InvalidOperationException("This copy is a directory.")) { [path] = changed });
        copy._bundles = _bundles;
        return copy;
    }

    /// <summary>Every file, below the ledger's directory.</summary>
    public IEnumerable<string> Files() => _all();

    /// <returns>Null when there is no such file.</returns>
    public byte[]? Read(string path) => _read(path);

    public string? ReadCheckpoint() => Read(TileFiles.CheckpointName) is { } bytes ? System.Text.Encoding.UTF8.GetString(bytes) : null;

    /// <summary>The files that stand for a tile or its beginnings, widest first; none wider than <paramref name="width"/>.</summary>
    public IEnumerable<(string Path, int Width, byte[] Bytes)> Versions(int? level, long tile, int width)
    {
        string full = TileFiles.TilePath(level, tile, MerkleTree.TileWidth);
        if (width == MerkleTree.TileWidth && Read(full) is { } whole) yield return (full, MerkleTree.TileWidth, whole);
        var partials = _list(full + ".p").Select(name => (Name: name, Width: int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int w) && name == w.ToString(CultureInfo.InvariantCulture) ? w : 0));
        foreach (var (name, has) in partials.Where(partial => partial.Width > 0 && partial.Width <= width && partial.Width < MerkleTree.TileWidth).OrderByDescending(partial => partial.Width))
            if (Read($"{full}.p/{name}") is { } bytes) yield return ($"{full}.p/{name}", has, bytes);
    }

    /// <exception cref="LedgerDamagedException">Not exactly <paramref name="width"/> entries.</exception>
    /// <exception cref="DataKeyException">They are encrypted, and the key was not given.</exception>
    public LedgerBundle ReadBundle(byte[] bytes, int width, string path)
    {
        return _bundles is null ? Parse(bytes) : _bundles.GetValue(bytes, Parse);

        LedgerBundle Parse(byte[] stored) => new(TileFiles.ParseBundle(TileFiles.Open(stored, path, _sealer), width, path));
    }

    /// <summary>The first hashes of a tile, for <see cref="MerkleTree"/>.</summary>
    /// <exception cref="LedgerDamagedException">The file is missing or has another length.</exception>
    public ReadOnlyMemory<Digest> ReadHashes(int level, long number, int width)
    {
        var (path, there, bytes) = Versions(level, number, width).FirstOrDefault();
        return bytes is not null && there == width ? TileFiles.ParseHashes(bytes, width, path) : throw new LedgerDamagedException(TileFiles.TilePath(level, number, width), "it is missing");
    }
}

/// <summary>Entries of a bundle with their hashes.</summary>
public sealed class LedgerBundle(IReadOnlyList<byte[]> entries)
{
    private readonly Lock _folding = new();
    private Digest? _whole;

    public IReadOnlyList<byte[]> Entries { get; } = entries;

    public Digest[] Leaves { get; } = [.. entries.Select(entry => Digest.OfLeaf(entry))];

    /// <summary>The hash over a full bundle.</summary>
    public Digest Whole()
    {
        lock (_folding) return _whole ??= MerkleTree.Fold(Leaves);
    }
}
