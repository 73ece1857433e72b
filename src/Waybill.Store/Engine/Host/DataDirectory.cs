namespace Waybill.Engine.Host;

/// <summary>The engine's directory, held by one process.</summary>
internal sealed class DataDirectory : IDisposable
{
    private readonly FileStream _lock;

    private DataDirectory(string root, FileStream held)
    {
        _lock = held;
        StorePath = Path.Combine(root, "store");
        ConfigPath = Path.Combine(root, "engine.xml");
        BackupPath = Path.Combine(root, "backups") + "/";
        EncryptedPath = Path.Combine(root, "encrypted") + "/";
    }

    /// <summary>ClickHouse's own tree.</summary>
    public string StorePath { get; }

    /// <summary>Written anew at every start.</summary>
    public string ConfigPath { get; }

    /// <summary>The only place BACKUP may write to.</summary>
    public string BackupPath { get; }

    /// <summary>Where the files of encrypted tables are; made by the engine when there are keys.</summary>
    public string EncryptedPath { get; }

    /// <exception cref="EngineStartException">Another process has it, or it cannot be written.</exception>
    public static DataDirectory Open(EngineHostOptions options)
    {
        string root = Path.GetFullPath(options.DataDirectory);
        try
        {
            Directory.CreateDirectory(root);
            string lockPath = Path.Combine(root, "engine.lock");
            if (File.Exists(lockPath) && IsHeld(lockPath))
                throw new EngineStartException($"The data directory {root} is in use by another 'waybill engine'. Stop that one, or give another --data.");

            var directory = new DataDirectory(root, Hold(lockPath));
            Directory.CreateDirectory(directory.StorePath);
            Directory.CreateDirectory(directory.BackupPath);
            ServerSettings.ToXml(options, directory.BackupPath, directory.EncryptedPath).Save(directory.ConfigPath);
            return directory;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new EngineStartException($"The data directory {root} cannot be used: {error.Message}", error);
        }
    }

    // FileShare.None is flock(LOCK_EX | LOCK_NB): the kernel gives it up with the process, however that ends.
    private static FileStream Hold(string path) => new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

    private static bool IsHeld(string path)
    {
        try
        {
            Hold(path).Dispose();
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    public void Dispose() => _lock.Dispose();
}
