using System.Text.Json;
using Waybill.Spool;

namespace Waybill.Encryption;

/// <summary>The data directory cannot be used with the keys that were given. The message says what to do.</summary>
public sealed class DataKeyException(string message) : IOException(message);

/// <summary>
/// Whether a data directory is encrypted, and its keys. The file <c>encryption.json</c> in it names (by their ids) all keys that something there may be encrypted
/// under: without each of them nothing is opened, and nothing is written beside it in the clear.
/// </summary>
public sealed class DataAtRest
{
    private const string MarkName = "encryption.json";

    private readonly DataKey[] _keys;   // the current one first

    private DataAtRest(DataKey[] keys) => _keys = keys;

    /// <summary>Nothing is encrypted.</summary>
    public static DataAtRest Plain { get; } = new([]);

    /// <summary>For a copy of something that is encrypted, away from its directory.</summary>
    public static DataAtRest Under(DataKey key) => new([key]);

    public bool IsEncrypted => _keys.Length > 0;

    /// <summary>Names the key that new data is encrypted under; null when none is.</summary>
    public string? KeyId => IsEncrypted ? _keys[0].Id : null;

    /// <summary>Encrypts for a purpose; null when nothing is encrypted.</summary>
    public Sealer? SealerFor(string purpose) => IsEncrypted ? new Sealer(_keys[0], _keys, purpose) : null;

    /// <summary>Keys for a purpose that encrypts by itself, the current one first.</summary>
    public IReadOnlyList<byte[]> KeysFor(string purpose) => [.. _keys.Select(key => key.Derive(purpose))];

    private sealed record Mark(IReadOnlyList<string> Keys);

    /// <summary>Opens a directory with the keys that were given; the first time with a new key, writes that down.</summary>
    /// <param name="current">Null: no encryption.</param>
    /// <param name="plainData">A directory whose files, when there are some, are of a time before encryption and cannot be told from what is encrypted.</param>
    /// <exception cref="DataKeyException">The keys do not fit the directory.</exception>
    public static DataAtRest Open(string directory, DataKey? current, IReadOnlyList<DataKey> old, string plainData)
    {
        string path = Path.Combine(directory, MarkName);
        Mark? mark = Read(path);
        if (current is null)
            return mark is null ? Plain : throw new DataKeyException($"{directory} is encrypted under the key {string.Join(" and ", mark.Keys)}, and no key was given. Name its file with Encryption:KeyFile (WAYBILL_ENCRYPTION__KEYFILE).");

        DataKey[] keys = [current, .. old.Where(key => key.Id != current.Id).DistinctBy(key => key.Id)];
        if (mark is null && Directory.Exists(plainData) && Directory.EnumerateFileSystemEntries(plainData).Any())
            throw new DataKeyException($"{directory} holds data that is not encrypted, so that giving a key now would leave it readable. Start with a new --data directory, or without Encryption:KeyFile.");
        string[] missing = [.. (mark?.Keys ?? []).Where(id => keys.All(key => key.Id != id))];
        if (missing.Length > 0)
            throw new DataKeyException($"{directory} is encrypted under the key {string.Join(" and ", missing)}, but given was {string.Join(" and ", keys.Select(key => key.Id))}. Give the right one with Encryption:KeyFile; after a change of keys the earlier ones with Encryption:OldKeyFiles.");
        if (mark is null || !mark.Keys.Contains(current.Id)) Write(directory, path, new Mark([.. mark?.Keys ?? [], current.Id]));
        return new DataAtRest(keys);
    }

    private static Mark? Read(string path)
    {
        if (!File.Exists(path)) return null;
        try
        {
            return JsonSerializer.Deserialize<Mark>(File.ReadAllBytes(path), JsonSerializerOptions.Web) is { Keys.Count: > 0 } mark ? mark : throw new DataKeyException($"{path} names no key. It belongs to this directory: put the right one back.");
        }
        catch (JsonException)
        {
            throw new DataKeyException($"{path} cannot be read. It belongs to this directory: put the right one back.");
        }
    }

    private static void Write(string directory, string path, Mark mark)
    {
        Disk.CreateDirectory(directory);
        string making = path + ".new";
        using (var file = File.OpenHandle(making, FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(file, JsonSerializer.SerializeToUtf8Bytes(mark, JsonSerializerOptions.Web), 0);
            Disk.SyncFile(file);
        }
        File.Move(making, path, overwrite: true);
        Disk.SyncDirectory(directory);
    }
}
