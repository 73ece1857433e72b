using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Waybill.Access;
using Waybill.Web;

namespace Waybill.Ledger;

/// <summary>The witness of other logs (C2SP tlog-witness), when any are named in <c>Ledger:WitnessedLogs</c>. It asks nobody who they are: signatures decide.</summary>
internal static class WitnessEndpoint
{
    private const int BodyBytesMax = 64 * 1024;

    public static void MapWitness(this IEndpointRouteBuilder app)
    {
        app.MapPost("/witness/add-checkpoint", Add).On(Listener.Console).OpenToAll("signatures decide, not who sends them").NotNoted()   // holds hashes and signatures
            .WithSummary("Cosigns a checkpoint of a log that this server is a witness of (C2SP tlog-witness)")
            .Accepts<string>("text/plain").AnswersWith("text/plain", "The cosignature, a line of a signed note.");
        app.MapGet("/witness/key", TellKey).On(Listener.Console).OpenToAll("a public key").NotNoted()
            .WithSummary("The key that this server's cosignatures are checked with").AnswersWith("text/plain", "name+id+base64");
    }

    private static Task TellKey(HttpContext http, LedgerOptions options, Witness witness) =>
        options.WitnessedLogs.Length == 0 ? SayNoWitness(http) : Text(http, witness.Key + "\n");

    private static Task Text(HttpContext http, string text)
    {
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync(text, http.RequestAborted);
    }

    private static Task SayNoWitness(HttpContext http) => Problems.NotFound(http, "This server is nobody's witness: name the keys of logs in Ledger:WitnessedLogs.");

    private static async Task Add(HttpContext http, LedgerOptions options, Witness witness)
    {
        if (options.WitnessedLogs.Length == 0)
        {
            await SayNoWitness(http);
            return;
        }
        byte[] body = new byte[BodyBytesMax + 1];
        int length = await http.Request.Body.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, http.RequestAborted);
        if (length > BodyBytesMax)
        {
            await Problems.BadRequest(http, "body", $"Send at most {BodyBytesMax} bytes.");
            return;
        }
        WitnessAnswer answer = witness.AddCheckpoint(System.Text.Encoding.UTF8.GetString(body, 0, length));
        http.Response.StatusCode = answer.Status;
        http.Response.ContentType = answer.ContentType;
        await http.Response.WriteAsync(answer.Text, http.RequestAborted);
    }
}
