using Waybill.Encryption;

namespace Waybill.Ledger;

/// <summary>What is wrong with a ledger, and where.</summary>
/// <param name="Path">The file, below the ledger's directory.</param>
/// <param name="Entry">The entry it concerns, when one can be named.</param>
public sealed record LedgerFault(string Path, long? Entry, string What)
{
    public override string ToString() => Entry is { } entry ? $"{Path}: entry {entry}: {What}" : $"{Path}: {What}";
}

/// <summary>Checks a copy of a ledger with nothing but its files, the log's public key and, to find a copy that was put back, an older or newer checkpoint.</summary>
/// <param name="Size">Entries that the checkpoint covers; 0 when it cannot be trusted.</param>
public sealed record Verification(long Size, Digest Root, IReadOnlyList<LedgerFault> Faults)
{
    private const int FaultsMax = 100;

    public bool IsWhole => Faults.Count == 0;

    /// <param name="earlier">Checkpoints that were seen before, signed by the log or kept by a witness. The ledger must contain what they saw.</param>
    /// <param name="sealer">Opens entries that are encrypted.</param>
    public static Verification Of(string directory, NoteKey key, IReadOnlyList<Checkpoint>? earlier = null, Sealer? sealer = null, CancellationToken cancel = default) =>
        Of(LedgerCopy.In(directory, sealer), key, earlier, cancel);

    /// <inheritdoc cref="Of(string, NoteKey, IReadOnlyList{Checkpoint}?, Sealer?, CancellationToken)"/>
    public static Verification Of(LedgerCopy files, NoteKey key, IReadOnlyList<Checkpoint>? earlier = null, CancellationToken cancel = default)
    {
        var faults = new List<LedgerFault>();
        var (checkpoint, wrong) = files.ReadCheckpoint() is { } note ? Checkpoint.Open(note, key) : (null, "it is missing");
        if (checkpoint is null) return new Verification(0, default, [new(TileFiles.CheckpointName, null, wrong!)]);

        var walk = new Walk(files, checkpoint.Size, faults);
        walk.Entries(cancel);
        walk.Hashes(cancel);
        walk.Strays();
        if (faults.Count == 0)
        {
            var tree = new MerkleTree(checkpoint.Size, files.ReadHashes);
            if (tree.Root() != checkpoint.Root) faults.Add(new(TileFiles.CheckpointName, null, "its root is not that of the entries"));
            foreach (Checkpoint seen in earlier ?? []) Compare(tree, seen, checkpoint, faults);
        }
        return new Verification(checkpoint.Size, checkpoint.Root, faults.Count <= FaultsMax ? faults : faults[..FaultsMax]);
    }

    private static void Compare(MerkleTree tree, Checkpoint seen, Checkpoint now, List<LedgerFault> faults)
    {
        if (seen.Origin != now.Origin) faults.Add(new(TileFiles.CheckpointName, null, $"it is of the log '{now.Origin}', not of '{seen.Origin}' as before"));
        else if (seen.Size > now.Size) faults.Add(new(TileFiles.CheckpointName, now.Size, $"the ledger ends here, but had {seen.Size} entries before: an old copy was put back, or its end was cut off"));
        else if (seen.Size > 0 && tree.Older(seen.Size).Root() != seen.Root)
            faults.Add(new(TileFiles.CheckpointName, null, $"its first {seen.Size} entries are not those that were there before: it was written anew"));
    }

    /// <summary>Every file that belongs to a log of this size, each against what the entries say.</summary>
    private sealed class Walk(LedgerCopy files, long size, List<LedgerFault> faults)
    {
        private readonly HashSet<string> _known = [TileFiles.CheckpointName, "lock"];
        private readonly List<LedgerBundle?> _bundles = [];
        private List<Digest> _hashes = [];   // of the level below, from the entries themselves

        public void Entries(CancellationToken cancel)
        {
            for (long tile = 0; tile * MerkleTree.TileWidth < size; tile++)
            {
                cancel.ThrowIfCancellationRequested();
                int width = (int)Math.Min(MerkleTree.TileWidth, size - tile * MerkleTree.TileWidth);
                LedgerBundle? bundle = Bundle(tile, width);
                int there = Math.Min(width, bundle?.Leaves.Length ?? 0);
                if (there > 0) _hashes.AddRange(bundle!.Leaves.AsSpan(0, there));
                for (int missing = there; missing < width; missing++) _hashes.Add(default);
                _bundles.Add(there == MerkleTree.TileWidth ? bundle : null);
            }
        }

        public void Hashes(CancellationToken cancel)
        {
            for (int level = 0; _hashes.Count > 0; level++)
            {
                var above = new List<Digest>(_hashes.Count / MerkleTree.TileWidth);
                for (int tile = 0; tile * MerkleTree.TileWidth < _hashes.Count; tile++)
                {
                    cancel.ThrowIfCancellationRequested();
                    Digest[] expected = [.. _hashes.Skip(tile * MerkleTree.TileWidth).Take(MerkleTree.TileWidth)];
                    Tile(level, tile, expected);
                    if (expected.Length == MerkleTree.TileWidth) above.Add(level == 0 && _bundles[tile] is { } bundle ? bundle.Whole() : MerkleTree.Fold(expected));
                }
                _hashes = above;
            }
        }

        /// <summary>Files that no log of this size has.</summary>
        public void Strays()
        {
            foreach (string path in files.Files())
                if (!_known.Contains(path)) faults.Add(new(path, null, "it does not belong to the ledger"));
        }

        private LedgerBundle? Bundle(long tile, int width)
        {
            LedgerBundle? widest = null;
            foreach (var (path, has, bytes) in Versions(null, tile, width))
            {
                _known.Add(path);
                try
                {
                    LedgerBundle bundle = files.ReadBundle(bytes, has, path);
                    widest ??= bundle;
                    for (int i = 0; i < has && bundle != widest; i++)
                        if (!bundle.Entries[i].AsSpan().SequenceEqual(widest.Entries[i])) faults.Add(new(path, tile * MerkleTree.TileWidth + i, "it differs from the same entry in a later file"));
                }
                catch (Exception e) when (e is LedgerDamagedException or DataKeyException)
                {
                    faults.Add(new(path, tile * MerkleTree.TileWidth, e.Message));
                }
            }
            return widest;
        }

        private void Tile(int level, int tile, Digest[] expected)
        {
            foreach (var (path, has, bytes) in Versions(level, tile, expected.Length))
            {
                _known.Add(path);
                if (bytes.Length != has * Digest.Size) faults.Add(new(path, null, $"it has {bytes.Length} bytes instead of {has * Digest.Size}"));
                else
                    for (int i = 0; i < has && i < expected.Length; i++)
                    {
                        if (new Digest(bytes.AsSpan(i * Digest.Size, Digest.Size)) == expected[i]) continue;
                        long first = ((long)tile * MerkleTree.TileWidth + i) << (8 * level);
                        faults.Add(new(path, first, level == 0 ? "the entry was changed, or its hash was" : $"entries from here to {first + (1L << (8 * level)) - 1} were changed, or their hash was"));
                    }
            }
        }

        /// <summary>The files that may stand for a tile, widest first. Says so when the one that must be there is missing.</summary>
        private List<(string Path, int Width, byte[] Bytes)> Versions(int? level, long tile, int width)
        {
            var found = files.Versions(level, tile, width).ToList();
            if (found.Count == 0 || found[0].Width != width)
                faults.Add(new(TileFiles.TilePath(level, tile, width), (tile * MerkleTree.TileWidth) << (8 * (level ?? 0)), "it is missing"));
            return found;
        }
    }
}
