using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Waybill.Spool;

namespace Waybill.Access;

/// <summary>
/// Users and tokens in <c>access/accounts.json</c> of the data directory: hashes only, readable by its owner alone, replaced in one rename after an fsync.
/// The server and the command line both write it, under a lock, and both see the other's changes at their next look; neither needs the other, nor the engine.
/// </summary>
public sealed class AccountsFile(string dataDirectory)
{
    private const int LockTries = 100, Version = 1;
    private const long BytesMax = 64 * 1024 * 1024;
    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(50);

    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true,
    };

    private sealed record Contents(int Version, IReadOnlyList<User> Users, IReadOnlyList<Token> Tokens);
    private sealed record Seen(DateTime Written, long Bytes, Accounts Accounts);

    private readonly Lock _reading = new();
    private volatile Seen? _seen;

    public string Path { get; } = System.IO.Path.GetFullPath(System.IO.Path.Combine(dataDirectory, "access", "accounts.json"));

    private string Directory => System.IO.Path.GetDirectoryName(Path)!;

    /// <summary>What the file says now: looked at each time, read when it has changed.</summary>
    /// <exception cref="AccessFileException">It is damaged, or cannot be read. Nobody is let in on a guess.</exception>
    public Accounts Read()
    {
        var file = new FileInfo(Path);
        if (!file.Exists) return Accounts.Empty;
        if (_seen is { } seen && seen.Written == file.LastWriteTimeUtc && seen.Bytes == file.Length) return seen.Accounts;
        lock (_reading)
        {
            file.Refresh();
            if (_seen is { } meanwhile && meanwhile.Written == file.LastWriteTimeUtc && meanwhile.Bytes == file.Length) return meanwhile.Accounts;
            var accounts = Load(file);
            _seen = new Seen(file.LastWriteTimeUtc, file.Length, accounts);
            return accounts;
        }
    }

    /// <summary>Reads, changes and writes, with nobody in between. When it returns, the change is on the disk.</summary>
    /// <exception cref="AccessFileException">Another process holds the file, or it cannot be written.</exception>
    public T Change<T>(Func<Accounts, (Accounts Accounts, T Result)> change)
    {
        try
        {
            Disk.CreateDirectory(Directory);
            using SafeFileHandle hold = Hold();
            try
            {
                var (accounts, result) = change(Read());
                Write(new Contents(Version, accounts.Users, accounts.Tokens));
                return result;
            }
            finally
            {
                Disk.Unlock(hold);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException && e is not AccessFileException)
        {
            throw new AccessFileException($"{Path} cannot be written: {e.Message}");
        }
    }

    private static Accounts Load(FileInfo file)
    {
        try
        {
            if (file.Length > BytesMax) throw new AccessFileException($"{file.FullName} has {file.Length} bytes, more than {BytesMax}.");
            using FileStream stream = file.OpenRead();
            var contents = JsonSerializer.Deserialize<Contents>(stream, Form);
            if (contents is not { Version: Version }) throw new AccessFileException($"{file.FullName} was written by another version of Waybill. Use that one.");
            if (contents.Users.Select(user => user.Grant).Concat(contents.Tokens.Select(token => token.Grant)).Select(grant => grant.Wrong()).OfType<string>().FirstOrDefault() is { } wrong)
                throw new AccessFileException($"{file.FullName}: {wrong}");
            return new Accounts(contents.Users, contents.Tokens);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException && e is not AccessFileException)
        {
            throw new AccessFileException($"{file.FullName} cannot be read{(e is JsonException json ? $": it is damaged in line {json.LineNumber + 1}. Restore it from a backup" : $": {e.Message}")}.");
        }
    }

    private void Write(Contents contents)
    {
        string making = Path + ".new";
        var create = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows()) create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(making, create))
        {
            JsonSerializer.Serialize(file, contents, Form);
            file.Flush(flushToDisk: true);
        }
        File.Move(making, Path, overwrite: true);
        Disk.SyncDirectory(Directory);
    }

    private SafeFileHandle Hold()
    {
        string path = System.IO.Path.Combine(Directory, "accounts.lock");
        for (int tries = 0; tries < LockTries; tries++)
        {
            if (Disk.TryLock(path) is { } hold) return hold;
            Thread.Sleep(LockPause);
        }
        throw new AccessFileException($"Another process holds {path}. Try again.");
    }
}

/// <summary>A file of access that cannot be used; the message says which and why.</summary>
public sealed class AccessFileException(string message) : IOException(message);
