using System.Text.Json;
using Waybill.Spool;

namespace Waybill.Views;

/// <summary>Saved views in <c>views.json</c> of the data directory, replaced in one rename after an fsync. Read once; only this server writes it.</summary>
public sealed class ViewsFile(string dataDirectory)
{
    /// <summary>Together a few megabytes, read and written whole.</summary>
    public const int ViewsMax = 5_000;
    private const int Version = 1;

    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web) { WriteIndented = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true };

    private sealed record Contents(int Version, IReadOnlyList<View> Views);

    private readonly Lock _turn = new();
    private volatile IReadOnlyList<View>? _views;

    public string Path { get; } = System.IO.Path.GetFullPath(System.IO.Path.Combine(dataDirectory, "views.json"));

    /// <exception cref="IOException">The file is there and cannot be read, or is damaged.</exception>
    public IReadOnlyList<View> Read()
    {
        if (_views is { } known) return known;
        lock (_turn) return _views ??= Load();
    }

    /// <summary>Changes all views with nobody in between. When it returns, the change is on the disk.</summary>
    /// <returns>False when there would be too many.</returns>
    public bool Change(Func<IReadOnlyList<View>, IReadOnlyList<View>> change)
    {
        lock (_turn)
        {
            IReadOnlyList<View> before = _views ?? Load(), after = change(before);
            if (after.Count > ViewsMax && after.Count > before.Count) return false;
            Write(after);
            _views = after;
            return true;
        }
    }

    private IReadOnlyList<View> Load()
    {
        if (!File.Exists(Path)) return [];
        try
        {
            using FileStream stream = File.OpenRead(Path);
            return JsonSerializer.Deserialize<Contents>(stream, Form) is { Version: Version } contents ? contents.Views : throw new IOException($"{Path} was written by another version of Waybill.");
        }
        catch (JsonException e)
        {
            throw new IOException($"{Path} is damaged in line {e.LineNumber + 1}. Restore it, or move it away: without it there are no saved views.", e);
        }
    }

    private void Write(IReadOnlyList<View> views)
    {
        string making = Path + ".new", directory = System.IO.Path.GetDirectoryName(Path)!;
        Disk.CreateDirectory(directory);
        using (FileStream file = File.Create(making))
        {
            JsonSerializer.Serialize(file, new Contents(Version, views), Form);
            file.Flush(flushToDisk: true);
        }
        File.Move(making, Path, overwrite: true);
        Disk.SyncDirectory(directory);
    }
}
