using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Waybill.Storage;

namespace Waybill.Access;

/// <summary>
/// <c>access.yaml</c>, looked at with each request and read when it has changed. With errors at the start it stops the server; later the last good version
/// stays in force, and so it does when the file disappears: nobody gets more by breaking it.
/// </summary>
public sealed partial class PolicyFile
{
    private sealed record Seen(DateTime Written, long Bytes);

    private readonly ILogger<PolicyFile> _log;
    private readonly Lock _reading = new();
    private volatile Seen? _seen;
    private volatile AccessPolicy _policy = AccessPolicy.Default;

    public PolicyFile(AccessOptions options, StorageOptions storage, ILogger<PolicyFile> log)
    {
        _log = log;
        Path = System.IO.Path.GetFullPath(options.PolicyFile ?? System.IO.Path.Combine(storage.Directory, "access.yaml"));
        if (options.PolicyFile is not null && !File.Exists(Path)) throw Refuse([$"Access:PolicyFile: there is no file {Path}."]);
        _ = Read();
        if (Errors.Count > 0) throw Refuse([$"{Path} has errors; mend them, or move the file away.", .. Errors.Select(error => error.ToString())]);
    }

    public string Path { get; }

    /// <summary>What is wrong with the file's last version; empty when it is in force.</summary>
    public IReadOnlyList<AccessError> Errors { get; private set; } = [];

    public AccessPolicy Read()
    {
        var file = new FileInfo(Path);
        if (!file.Exists || _seen is { } seen && seen.Written == file.LastWriteTimeUtc && seen.Bytes == file.Length) return _policy;
        lock (_reading)
        {
            file.Refresh();
            if (!file.Exists || _seen is { } meanwhile && meanwhile.Written == file.LastWriteTimeUtc && meanwhile.Bytes == file.Length) return _policy;
            Load(file);
            return _policy;
        }
    }

    private void Load(FileInfo file)
    {
        try
        {
            var (policy, errors) = file.Length > AccessText.BytesMax
                ? (null, [new AccessError(1, "", $"The file is larger than {AccessText.BytesMax} bytes.")])
                : AccessText.Parse(File.ReadAllText(Path));
            Errors = errors;
            foreach (AccessError error in errors) LogWrong(Path, error.ToString());
            if (policy is not null)
            {
                _policy = policy;
                LogLoaded(Path, policy.Roles.Count, policy.Bindings.Count);
            }
            _seen = new Seen(file.LastWriteTimeUtc, file.Length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Errors = [new AccessError(0, "", $"{Path} cannot be read: {e.Message}")];
            LogWrong(Path, e.Message);
        }
    }

    private static OptionsValidationException Refuse(IEnumerable<string> failures) => new("Access", typeof(AccessOptions), failures);

    [LoggerMessage(1, LogLevel.Information, "{Path} is in force: {Roles} roles, {Bindings} bindings")]
    private partial void LogLoaded(string path, int roles, int bindings);

    [LoggerMessage(2, LogLevel.Error, "{Path} was not taken, what it said before stays in force: {Error}")]
    private partial void LogWrong(string path, string error);
}
