using System.Buffers.Binary;
using System.Globalization;
using Waybill.Encryption;
using Waybill.Spool;

namespace Waybill.Ledger;

/// <summary>The files of a log, laid out as C2SP tlog-tiles serves them, so that a copy of the directory is a log that anyone can check.</summary>
/// <remarks>
/// <code>
/// checkpoint                     the newest signed checkpoint; everything before it is final
/// tile/L/N        tile/L/N.p/W   hashes: 256 x 32 bytes, or the first W of a tile that is not full
/// tile/entries/N  …N.p/W         entries: u16 big-endian length and bytes, 256 or W of them
/// </code>
/// Tile files are written once and never changed; the files of a tile that is not full yet are removed when it is. With a sealer the files of entries are
/// encrypted; hashes and checkpoints are not, so that proofs need no key.
/// </remarks>
public sealed class TileFiles(string directory, Sealer? sealer = null)
{
    public const int EntryBytesMax = ushort.MaxValue;

    /// <summary>Tile levels of a log of 256^8 entries.</summary>
    public const int LevelsMax = 8;
    public const string CheckpointName = "checkpoint";
    private const string Unfinished = ".new";

    // No bundle begins so: its first two bytes are a length, and an entry begins with a brace.
    private static ReadOnlySpan<byte> SealedMagic => "WBLEDGR\x01"u8;

    public string Directory { get; } = directory;

    public string CheckpointPath => Path.Combine(Directory, CheckpointName);

    /// <summary>A number in groups of three digits, all but the last behind an x: 1234067 is x001/x234/067.</summary>
    public static string NumberPath(long number)
    {
        string last = (number % 1000).ToString("D3", CultureInfo.InvariantCulture);
        for (number /= 1000; number > 0; number /= 1000) last = $"x{number % 1000:D3}/{last}";
        return last;
    }

    /// <summary>The path below the log's directory.</summary>
    /// <param name="level">Tile level of hashes; null for entries.</param>
    public static string TilePath(int? level, long number, int width)
    {
        string tile = $"tile/{(level is { } l ? l.ToString(CultureInfo.InvariantCulture) : "entries")}/{NumberPath(number)}";
        return width == MerkleTree.TileWidth ? tile : $"{tile}.p/{width}";
    }

    /// <summary>Whether this is exactly the path of a tile below <c>tile/</c>: nothing else in the directory is for others.</summary>
    public static bool IsTile(string path)
    {
        string[] parts = path.Split('/');
        if (parts.Length < 2 || !(parts[0] == "entries" || (parts[0].Length is 1 or 2 && parts[0].All(char.IsAsciiDigit)))) return false;
        int last = parts.Length - 1;
        if (last >= 2 && parts[last - 1].EndsWith(".p", StringComparison.Ordinal))
        {
            if (!int.TryParse(parts[last], NumberStyles.None, CultureInfo.InvariantCulture, out int width) || width is < 1 or >= MerkleTree.TileWidth) return false;
            parts[--last] = parts[last][..^2];
        }
        for (int i = 1; i < last; i++)
            if (parts[i].Length != 4 || parts[i][0] != 'x' || !parts[i][1..].All(char.IsAsciiDigit)) return false;
        return parts[last].Length == 3 && parts[last].All(char.IsAsciiDigit);
    }

    /// <summary>The first <paramref name="width"/> hashes of a tile, from the full tile if it is there.</summary>
    /// <exception cref="LedgerDamagedException">The file is missing or has another length.</exception>
    public ReadOnlyMemory<Digest> ReadHashes(int level, long number, int width)
    {
        byte[] bytes = ReadTile(level, number, width, out string path, out int there);
        return ParseHashes(bytes, there, path).AsMemory(0, width);
    }

    /// <exception cref="LedgerDamagedException">Not exactly <paramref name="width"/> hashes.</exception>
    public static Digest[] ParseHashes(ReadOnlySpan<byte> bytes, int width, string path)
    {
        if (bytes.Length != width * Digest.Size) throw new LedgerDamagedException(path, $"{bytes.Length} bytes instead of {width * Digest.Size}");
        var hashes = new Digest[width];
        for (int i = 0; i < width; i++) hashes[i] = new Digest(bytes.Slice(i * Digest.Size, Digest.Size));
        return hashes;
    }

    /// <summary>The first <paramref name="width"/> entries of a bundle.</summary>
    /// <exception cref="LedgerDamagedException">The file is missing or is not a bundle.</exception>
    public IReadOnlyList<byte[]> ReadEntries(long number, int width)
    {
        byte[] bytes = ReadTile(null, number, width, out string path, out int there);
        return [.. ParseBundle(bytes, there, path).Take(width)];
    }

    /// <exception cref="LedgerDamagedException">Not exactly <paramref name="width"/> entries.</exception>
    public static IReadOnlyList<byte[]> ParseBundle(ReadOnlySpan<byte> bytes, int width, string path)
    {
        var entries = new List<byte[]>(width);
        while (!bytes.IsEmpty)
        {
            if (bytes.Length < 2 || BinaryPrimitives.ReadUInt16BigEndian(bytes) is var length && bytes.Length < 2 + length) throw new LedgerDamagedException(path, "it ends within an entry");
            entries.Add(bytes.Slice(2, length).ToArray());
            bytes = bytes[(2 + length)..];
        }
        return entries.Count == width ? entries : throw new LedgerDamagedException(path, $"{entries.Count} entries instead of {width}");
    }

    public void WriteHashes(int level, long number, ReadOnlySpan<Digest> hashes)
    {
        byte[] bytes = new byte[hashes.Length * Digest.Size];
        for (int i = 0; i < hashes.Length; i++) hashes[i].CopyTo(bytes.AsSpan(i * Digest.Size));
        Write(TilePath(level, number, hashes.Length), bytes);
    }

    public void WriteEntries(long number, IReadOnlyList<byte[]> entries)
    {
        string path = TilePath(null, number, entries.Count);
        byte[] bytes = FormatBundle(entries);
        Write(path, sealer?.SealedCopy(bytes, About(path), SealedMagic) ?? bytes);
    }

    /// <summary>A bundle's bytes: what <see cref="ParseBundle"/> reads.</summary>
    public static byte[] FormatBundle(IReadOnlyList<byte[]> entries)
    {
        byte[] bytes = new byte[entries.Sum(entry => 2 + entry.Length)];
        int at = 0;
        foreach (byte[] entry in entries)
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(at), (ushort)entry.Length);
            entry.CopyTo(bytes, at + 2);
            at += 2 + entry.Length;
        }
        return bytes;
    }

    /// <summary>Puts the new checkpoint in the place of the old at once. When it returns, a power cut leaves the new one.</summary>
    public void WriteCheckpoint(string note) => Write(CheckpointName, System.Text.Encoding.UTF8.GetBytes(note));

    public string? ReadCheckpoint() => File.Exists(CheckpointPath) ? File.ReadAllText(CheckpointPath) : null;

    /// <summary>Removes what stands for a tile that is full now. A crash may leave it; it does no harm.</summary>
    public void RemovePartial(int? level, long number)
    {
        string partial = Path.Combine(Directory, TilePath(level, number, MerkleTree.TileWidth) + ".p");
        if (System.IO.Directory.Exists(partial)) System.IO.Directory.Delete(partial, recursive: true);
    }

    /// <summary>Removes what a crash left behind the newest checkpoint.</summary>
    public void RemoveBeyond(long size)
    {
        for (int level = -1; level < LevelsMax; level++)
        {
            long hashes = size >> (8 * Math.Max(0, level));
            int width = (int)(hashes % MerkleTree.TileWidth);
            for (long tile = hashes / MerkleTree.TileWidth; RemoveBeyond(level < 0 ? null : level, tile, width); tile++) width = 0;
        }
    }

    /// <returns>Whether anything stood for the tile.</returns>
    private bool RemoveBeyond(int? level, long tile, int width)
    {
        string full = Path.Combine(Directory, TilePath(level, tile, MerkleTree.TileWidth)), partials = full + ".p";
        bool any = false;
        foreach (string file in (string[])[full, full + Unfinished])
        {
            if (!File.Exists(file)) continue;
            File.Delete(file);
            any = true;
        }
        if (!System.IO.Directory.Exists(partials)) return any;
        foreach (string file in System.IO.Directory.EnumerateFiles(partials))
            if (!int.TryParse(Path.GetFileName(file), NumberStyles.None, CultureInfo.InvariantCulture, out int w) || w > width) File.Delete(file);
        return true;
    }

    private byte[] ReadTile(int? level, long number, int width, out string path, out int there)
    {
        (path, there) = (TilePath(level, number, width), width);
        string full = TilePath(level, number, MerkleTree.TileWidth);
        if (width < MerkleTree.TileWidth && !File.Exists(Path.Combine(Directory, path)) && File.Exists(Path.Combine(Directory, full))) (path, there) = (full, MerkleTree.TileWidth);
        return Read(path);
    }

    /// <summary>A tile as it is served: what was encrypted is open.</summary>
    /// <param name="path">Below the log's directory.</param>
    /// <exception cref="LedgerDamagedException">It is missing, or not what was written.</exception>
    /// <exception cref="DataKeyException">It is encrypted, and its key was not given.</exception>
    public byte[] Read(string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(Path.Combine(Directory, path));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new LedgerDamagedException(path, "it is missing");
        }
        return Open(bytes, path, sealer);
    }

    /// <inheritdoc cref="Read"/>
    public static byte[] Open(byte[] bytes, string path, Sealer? sealer)
    {
        if (!bytes.AsSpan().StartsWith(SealedMagic)) return bytes;
        Span<byte> run = bytes.AsSpan(SealedMagic.Length);
        if (run.Length < Sealer.OverheadBytes) throw new LedgerDamagedException(path, "it ends within its first bytes");
        if (sealer is null || !sealer.Knows(run)) throw new DataKeyException($"The ledger's {path} is encrypted under the key {Sealer.KeyIdOf(run)}, which was not given.");
        return sealer.TryOpen(run, About(path), out Span<byte> text) ? text.ToArray() : throw new LedgerDamagedException(path, "it is not what was encrypted");
    }

    // Bound to its place: put elsewhere it does not open.
    private static byte[] About(string path) => System.Text.Encoding.ASCII.GetBytes(path);

    private void Write(string path, byte[] bytes)
    {
        string target = Path.Combine(Directory, path), written = target + Unfinished, parent = Path.GetDirectoryName(target)!;
        if (!System.IO.Directory.Exists(parent)) Disk.CreateDirectory(parent);
        using (var file = File.OpenHandle(written, FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(file, bytes, 0);
            Disk.SyncFile(file);
        }
        File.Move(written, target, overwrite: true);
        Disk.SyncDirectory(parent);
    }
}

/// <summary>A file of the ledger is not what was written.</summary>
public sealed class LedgerDamagedException(string path, string what) : IOException($"The ledger's {path} is damaged: {what}.")
{
    /// <summary>Below the ledger's directory.</summary>
    public string Path { get; } = path;
}
