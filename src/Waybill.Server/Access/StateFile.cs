using System.Text.Json;
using Microsoft.Extensions.Logging;
using Waybill.Spool;

namespace Waybill.Access;

/// <summary>A small file of what this server alone knows and would miss after a restart: readable by its owner alone, replaced in one rename.</summary>
/// <remarks>It holds no secret and decides nothing: one that is damaged or cannot be written is told in the log, and the server goes on without it.</remarks>
internal sealed partial class StateFile<T>(string path, ILogger log) where T : class
{
    private readonly Lock _writing = new();

    /// <returns>Null when there is none that can be read.</returns>
    public T? Read()
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<T>(File.ReadAllBytes(path), JsonSerializerOptions.Web) : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            LogNotRead(path, e.Message);
            return null;
        }
    }

    public void Write(T state)
    {
        lock (_writing)
            try
            {
                Disk.CreateDirectory(Path.GetDirectoryName(path)!);
                var create = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None };
                if (!OperatingSystem.IsWindows()) create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
                using (var file = new FileStream(path + ".new", create))
                {
                    JsonSerializer.Serialize(file, state, JsonSerializerOptions.Web);
                    file.Flush(flushToDisk: true);
                }
                File.Move(path + ".new", path, overwrite: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                LogNotWritten(path, e.Message);
            }
    }

    [LoggerMessage(1, LogLevel.Warning, "{Path} cannot be read and is begun anew. {Error}")]
    private partial void LogNotRead(string path, string error);

    [LoggerMessage(2, LogLevel.Warning, "{Path} cannot be written: after a restart its contents are those of before. {Error}")]
    private partial void LogNotWritten(string path, string error);
}
