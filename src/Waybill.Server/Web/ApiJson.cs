using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Waybill.Web;

/// <summary>How answers are written whose members are mostly absent.</summary>
internal static class ApiJson
{
    /// <summary>
    /// Leaves null members out, but for those that the OpenAPI document calls required: the parameters of a record without a default. Sentences are
    /// read by people too: no \u0022 for a quote.
    /// </summary>
    public static readonly JsonSerializerOptions WithoutNulls = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { KeepRequired } },
    };

    private static void KeepRequired(JsonTypeInfo type)
    {
        foreach (JsonPropertyInfo property in type.Properties)
            if (property.AssociatedParameter is { HasDefaultValue: false }) property.ShouldSerialize = (_, _) => true;
    }
}
