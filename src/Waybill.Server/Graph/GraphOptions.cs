using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Waybill.Graph;

/// <summary>What joins traces to one another. Section <c>Graph</c>; read once, checked at start.</summary>
public sealed class GraphOptions : IValidatableObject
{
    private const int KeysMax = 64;

    /// <summary>
    /// Attributes whose values find their traces, separated by commas. Default: ids that name one order, session, request, message or job run
    /// (OpenTelemetry semantic conventions 1.44, and <c>order.id</c>). Ids of users are left out: they are personal, and find everything somebody ever did.
    /// </summary>
    [Required] public string AliasKeys { get; set; } = "order.id,session.id,messaging.message.id,messaging.message.conversation_id,http.request.header.x-request-id," +
        "http.request.header.x-correlation-id,request.id,correlation.id,faas.invocation_id,cicd.pipeline.run.id,cicd.pipeline.task.run.id,cloudevents.event_id";

    internal AliasKeys Keys => new(AliasKeys.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Keys.Keys.Count > KeysMax) yield return new($"Graph:AliasKeys names {Keys.Keys.Count} attributes; {KeysMax} at most.", [nameof(AliasKeys)]);
    }
}

[OptionsValidator]
internal sealed partial class GraphOptionsValidator : IValidateOptions<GraphOptions>;
