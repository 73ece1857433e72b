using Microsoft.Win32.SafeHandles;
using Waybill.Encryption;

namespace Waybill.Ledger;

/// <summary>What the newest checkpoint says, and the checkpoint itself.</summary>
public sealed record LedgerHead(long Size, Digest Root, string Note);

/// <summary>The log on disk: appends entries, and after each batch a signed checkpoint. One writer; the directory's lock is held.</summary>
/// <remarks>
/// A batch is durable and final when its checkpoint is: tiles first, each under a name of its own, then the checkpoint in one rename. What a crash leaves
/// behind the newest checkpoint belongs to nobody and is written again.
/// </remarks>
public sealed class LedgerLog : IDisposable
{
    private const int LevelsMax = TileFiles.LevelsMax;

    private readonly TileFiles _files;
    private readonly NoteSigner _signer;
    private readonly SafeFileHandle _lock;
    private readonly List<byte[]> _entries = [];                                                            // of the bundle that is not full
    private readonly List<Digest>[] _edge = [.. Enumerable.Range(0, LevelsMax).Select(_ => new List<Digest>())];   // hashes of each level's tile that is not full
    private readonly List<int?> _full = [];                                                                 // levels whose tile was filled since the last checkpoint
    private long _appended;   // entries in the tiles; those behind Size have no checkpoint yet
    private readonly Lock _writing = new();
    private bool _failed, _closed;

    private LedgerLog(TileFiles files, NoteSigner signer, SafeFileHandle hold, LedgerHead head)
    {
        (_files, _signer, _lock, Head) = (files, signer, hold, head);
        ReadEdge();
    }

    /// <summary>Reads what is not full yet.</summary>
    private void ReadEdge()
    {
        _appended = Size;
        _full.Clear();
        _entries.Clear();
        if (Size % MerkleTree.TileWidth is > 0 and var width) _entries.AddRange(_files.ReadEntries(Size / MerkleTree.TileWidth, (int)width));
        for (int level = 0; level < LevelsMax; level++)
        {
            long hashes = Size >> (8 * level);
            _edge[level].Clear();
            if (hashes % MerkleTree.TileWidth is > 0 and var some) _edge[level].AddRange(_files.ReadHashes(level, hashes / MerkleTree.TileWidth, (int)some).Span);
        }
    }

    /// <summary>The newest checkpoint.</summary>
    public LedgerHead Head { get; private set; }

    /// <summary>Entries that a checkpoint covers.</summary>
    public long Size => Head.Size;

    /// <summary>Opens the log in a directory, or begins one.</summary>
    /// <exception cref="LedgerDamagedException">The checkpoint is not the signer's, or does not fit the tiles: nothing is appended to a log that was tampered with.</exception>
    public static LedgerLog Open(string directory, NoteSigner signer, Sealer? sealer = null)
    {
        Spool.Disk.CreateDirectory(directory);
        SafeFileHandle hold = Spool.Disk.TryLock(Path.Combine(directory, "lock")) ?? throw new IOException($"Another process writes the ledger in {directory}.");
        try
        {
            var files = new TileFiles(directory, sealer);
            if (files.ReadCheckpoint() is not { } note)
            {
                files.RemoveBeyond(0);
                var begun = new LedgerLog(files, signer, hold, new LedgerHead(0, Digest.Empty, ""));
                begun.Publish();
                return begun;
            }
            return new LedgerLog(files, signer, hold, Believe(files, signer, note));
        }
        catch
        {
            Spool.Disk.Unlock(hold);
            throw;
        }
    }

    /// <summary>What the checkpoint says, when the tiles bear it out; what a crash left behind it is removed.</summary>
    private static LedgerHead Believe(TileFiles files, NoteSigner signer, string note)
    {
        var (checkpoint, wrong) = Checkpoint.Open(note, signer.Key);
        if (checkpoint is null) throw new LedgerDamagedException(TileFiles.CheckpointName, wrong!);
        files.RemoveBeyond(checkpoint.Size);
        if (new MerkleTree(checkpoint.Size, files.ReadHashes).Root() != checkpoint.Root) throw new LedgerDamagedException("tile", "its hashes do not give the checkpoint's root");
        return new LedgerHead(checkpoint.Size, checkpoint.Root, note);
    }

    /// <summary>Goes on after a failed append, from what is on disk: of the failed batch all or nothing.</summary>
    /// <exception cref="IOException">It still fails.</exception>
    public void Recover()
    {
        using Lock.Scope writing = _writing.EnterScope();
        if (_closed) throw new IOException("The ledger is closed.");
        if (!_failed) return;
        Head = Believe(_files, _signer, _files.ReadCheckpoint() ?? throw new LedgerDamagedException(TileFiles.CheckpointName, "it is missing"));
        ReadEdge();
        _failed = false;
    }

    /// <summary>Appends entries. When it returns, they are durable, and so is a checkpoint that covers them.</summary>
    /// <returns>The index of the first.</returns>
    /// <exception cref="IOException">The disk failed: what of this batch is stored is known only after the log was opened again.</exception>
    public long Append(IReadOnlyList<byte[]> entries)
    {
        using Lock.Scope writing = _writing.EnterScope();
        if (_closed) throw new IOException("The ledger is closed.");
        if (_failed) throw new IOException("The ledger failed and must be opened again.");
        if (entries.Any(entry => entry.Length > TileFiles.EntryBytesMax)) throw new ArgumentException($"An entry has at most {TileFiles.EntryBytesMax} bytes.", nameof(entries));
        long first = Size;
        _failed = true;
        foreach (byte[] entry in entries) Add(entry);
        WritePartials();
        Publish();
        foreach (int? level in _full.Distinct()) RemovePartials(level, first);
        _full.Clear();
        _failed = false;
        return first;
    }

    /// <summary>The tree that the newest checkpoint covers.</summary>
    public MerkleTree Tree() => new(Size, _files.ReadHashes);

    public TileFiles Files => _files;

    private void Add(byte[] entry)
    {
        _entries.Add(entry);
        long index = _appended++;
        if (_entries.Count == MerkleTree.TileWidth)
        {
            _files.WriteEntries(index / MerkleTree.TileWidth, _entries);
            _entries.Clear();
            _full.Add(null);
        }
        Digest hash = Digest.OfLeaf(entry);
        for (int level = 0; ; level++)
        {
            List<Digest> tile = _edge[level];
            tile.Add(hash);
            if (tile.Count < MerkleTree.TileWidth) return;
            Span<Digest> hashes = [.. tile];
            _files.WriteHashes(level, (_appended >> (8 * (level + 1))) - 1, hashes);
            tile.Clear();
            _full.Add(level);
            hash = MerkleTree.Fold(hashes);
        }
    }

    private void WritePartials()
    {
        if (_entries.Count > 0) _files.WriteEntries(_appended / MerkleTree.TileWidth, _entries);
        for (int level = 0; level < LevelsMax; level++)
            if (_edge[level].Count > 0) _files.WriteHashes(level, _appended >> (8 * (level + 1)), [.. _edge[level]]);
    }

    private void Publish()
    {
        var checkpoint = new Checkpoint(_signer.Key.Name, _appended, new MerkleTree(_appended, _files.ReadHashes).Root());
        string note = checkpoint.Signed(_signer);
        _files.WriteCheckpoint(note);
        Head = new LedgerHead(checkpoint.Size, checkpoint.Root, note);
    }

    private void RemovePartials(int? level, long since)
    {
        int bits = 8 * ((level ?? 0) + 1);
        for (long tile = since >> bits; tile < Size >> bits; tile++) _files.RemovePartial(level, tile);
    }

    /// <summary>Waits for the batch that is being appended; nothing is written afterwards.</summary>
    public void Dispose()
    {
        using Lock.Scope writing = _writing.EnterScope();
        if (_closed) return;
        _closed = true;
        Spool.Disk.Unlock(_lock);
    }
}
