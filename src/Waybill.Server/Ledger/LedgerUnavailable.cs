using Microsoft.AspNetCore.Builder;
using Waybill.Web;

namespace Waybill.Ledger;

/// <summary>What must be written down cannot be, so it must not be done.</summary>
public sealed class LedgerUnavailableException(string message, Exception inner) : IOException(message, inner);

internal static class LedgerFailures
{
    /// <summary>Answers 503 for an act that could not be written down.</summary>
    public static void UseLedgerFailures(this IApplicationBuilder app) => app.Use(static async (http, next) =>
    {
        try
        {
            await next(http);
        }
        catch (LedgerUnavailableException) when (!http.Response.HasStarted)
        {
            await Problems.Unavailable(http, "The ledger cannot be written just now, so nothing was done: what is done here must be written down first. The server's log says more; it goes on by itself when its disk does.");
        }
    });
}
