using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Waybill.Engine;
using Waybill.Storage;

namespace Waybill.Web;

/// <summary>Answers for the console's API when the engine cannot: it says whether to wait, narrow the question, or report a defect. No SQL, no stack.</summary>
internal static partial class EngineFailures
{
    private const int TimeoutExceeded = 159, MemoryLimitExceeded = 241, TooManyRows = 158, TooManyRowsOrBytes = 396;

    public static void UseEngineFailures(this IApplicationBuilder app) => app.Use(static async (http, next) =>
    {
        try
        {
            await next(http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody waits for the answer any more.
        }
        catch (EngineException e) when (!http.Response.HasStarted)
        {
            var services = http.RequestServices;
            var log = (ILogger<StorageHost>)services.GetService(typeof(ILogger<StorageHost>))!;
            var storage = (StorageHost)services.GetService(typeof(StorageHost))!;
            await Answer(http, e, storage.Missing, log);
        }
    });

    private static Task Answer(HttpContext http, EngineException e, string? missing, ILogger log)
    {
        if (missing is not null) return Problems.Unavailable(http, $"Not ready to read: {missing}. Telemetry is taken in meanwhile; ask again in a few seconds.");
        switch (e.Code)
        {
            case TimeoutExceeded or MemoryLimitExceeded or TooManyRows or TooManyRowsOrBytes:
                return Problems.TooMuch(http, $"The question needs more than it may use ({e.Name}). Narrow it: a shorter time range, a service, a lower limit.");
            case not 0 when e.IsRetryable:
                LogFailed(log, e.Name, e.Message);
                return Problems.Unavailable(http, $"The engine could not answer just now ({e.Name}). Ask again in a few seconds.");
            default:
                LogFailed(log, e.Name, e.Message);
                return Problems.Failed(http, $"The engine failed on this question ({e.Name}). It is a defect: please report it with the server's log.");
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The engine failed a read ({Name}): {Error}")]
    private static partial void LogFailed(ILogger log, string name, string error);
}
