using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Waybill.Access;
using Waybill.Ingest;
using Waybill.Ledger;

namespace Waybill.Web;

/// <summary>
/// The OpenAPI 3.1 document of the console's listener, made from what endpoints declare (<see cref="ApiDescription"/>, Produces, WithSummary).
/// It is served at <c>/api/openapi.json</c> and committed as <c>api/openapi.json</c>; a test fails when the two differ.
/// </summary>
internal static class OpenApi
{
    /// <summary>What is asked for when the address names no document.</summary>
    public const string DocumentName = "v1";

    public static void AddOpenApiDocument(this IServiceCollection services)
    {
        // Numbers are numbers: the web defaults also read them from strings, and then every schema would say "integer or string".
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict);
        services.AddOpenApi(DocumentName, options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.ShouldInclude = description =>
                (description.ActionDescriptor.EndpointMetadata.OfType<ListenerFeature>().LastOrDefault()?.Listener ?? Listener.Console) == Listener.Console;
            // Any JSON is no type of its own.
            var named = new ConcurrentDictionary<string, Type>();
            options.CreateSchemaReferenceId = type => type.Type == typeof(JsonElement) ? null : Named(named, type);
            options.AddOperationTransformer((operation, context, _) =>
            {
                Describe(operation, context);
                return Task.CompletedTask;
            });
            options.AddSchemaTransformer(Refine);
            options.AddDocumentTransformer((document, _, _) =>
            {
                Finish(document);
                return Task.CompletedTask;
            });
        });
    }

    public static void MapOpenApiDocument(this IEndpointRouteBuilder app) =>
        app.MapOpenApi("/api/openapi.json").On(Listener.Console).OpenToAll("says what the program is, not what it holds").NotNoted().ExcludeFromDescription();

    /// <summary>The name of a schema. Two types of one name would silently have the schema of the first.</summary>
    private static string? Named(ConcurrentDictionary<string, Type> named, JsonTypeInfo type)
    {
        string? name = OpenApiOptions.CreateDefaultSchemaReferenceId(type);
        Type plain = Nullable.GetUnderlyingType(type.Type) ?? type.Type;
        if (name is not null && named.GetOrAdd(name, plain) is { } first && first != plain) throw new InvalidOperationException($"{first.FullName} and {plain.FullName} would both be the schema {name}: rename one.");
        return name;
    }

    private static void Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        string path = context.Description.RelativePath ?? "";
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        string[] parts = path.Split('/', '?');
        operation.Tags = new HashSet<OpenApiTagReference> { new(parts[0] == "api" && parts.Length > 1 ? parts[1] : parts[0], context.Document) };
        operation.Parameters ??= [];
        foreach (ApiParameter parameter in metadata.OfType<ApiParameter>())
        {
            if (parameter.InPath && operation.Parameters.OfType<OpenApiParameter>().FirstOrDefault(known => known.Name == parameter.Name) is { } known) known.Description = parameter.Description;
            else operation.Parameters.Add(ToParameter(parameter));
        }
        foreach (ApiContent content in metadata.OfType<ApiContent>())
            (operation.Responses ??= [])["200"] = new OpenApiResponse
            {
                Description = content.Description,
                Content = new Dictionary<string, OpenApiMediaType> { [content.MediaType] = new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String } } },
            };
        if (parts[0] is "api" or "witness")
            (operation.Responses ??= [])["default"] = new OpenApiResponse
            {
                Description = "What is wrong: the parameter, and the fix.",
                Content = new Dictionary<string, OpenApiMediaType> { ["application/json"] = new OpenApiMediaType { Schema = new OpenApiSchemaReference(nameof(Problem), context.Document) } },
            };
    }

    private static async Task Refine(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancel)
    {
        if (context.JsonPropertyInfo is { } property && Attribute<AllowedValuesAttribute>(property) is { } allowed)
            schema.Enum = [.. allowed.Values.Select(value => (JsonNode)JsonValue.Create((string)value!)!)];
        if (context.JsonTypeInfo is { Kind: JsonTypeInfoKind.Dictionary, ElementType: var element } && (element == typeof(JsonElement) || element == typeof(object)))
            schema.AdditionalProperties = new OpenApiSchema();
        if (context.JsonPropertyInfo is null && context.JsonTypeInfo.Type == typeof(IngestStatus))
            foreach (StatusSection section in context.ApplicationServices.GetServices<StatusSection>())
                if (section.Shape is { } shape) (schema.Properties ??= new Dictionary<string, IOpenApiSchema>())[section.Name] = await context.GetOrCreateSchemaAsync(shape, null, cancel);
    }

    /// <summary>An attribute of a property, or of the parameter of a record that makes it.</summary>
    private static T? Attribute<T>(JsonPropertyInfo property) where T : Attribute =>
        (property.AttributeProvider?.GetCustomAttributes(typeof(T), false) ?? []).Concat(property.AssociatedParameter?.AttributeProvider?.GetCustomAttributes(typeof(T), false) ?? []).OfType<T>().FirstOrDefault();

    private static OpenApiParameter ToParameter(ApiParameter parameter)
    {
        var schema = new OpenApiSchema { Type = Enum.Parse<JsonSchemaType>(parameter.Type, ignoreCase: true) };
        if (parameter.Minimum is { } min) schema.Minimum = min.ToString(CultureInfo.InvariantCulture);
        if (parameter.Maximum is { } max) schema.Maximum = max.ToString(CultureInfo.InvariantCulture);
        if (parameter.Values.Count > 0) schema.Enum = [.. parameter.Values.Select(value => (JsonNode)JsonValue.Create(value))];
        if (parameter.Default is { } otherwise)
            schema.Default = parameter.Type == "string" ? JsonValue.Create(otherwise) : JsonNode.Parse(otherwise);
        return new OpenApiParameter
        {
            Name = parameter.Name,
            In = parameter.InPath ? ParameterLocation.Path : ParameterLocation.Query,
            Description = parameter.Description,
            Required = parameter.Required,
            Schema = parameter.Repeated ? new OpenApiSchema { Type = JsonSchemaType.Array, Items = schema } : schema,
        };
    }

    private static void Finish(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Waybill",
            Version = "1",
            Description = "Times are strings of nanoseconds since 1970 (…UnixNano), durations numbers of nanoseconds (…Nano), ids lower-case hexadecimal. " +
                "An answer that is not the whole truth says status partial, and why in reasons.",
        };
        document.Servers = [];
        document.Components ??= new OpenApiComponents();
        document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>();
        document.Components.Schemas[nameof(Problem)] = ProblemSchema;
        // In the order of their names, so that the committed document changes only where the API does.
        document.Components.Schemas = document.Components.Schemas.OrderBy(schema => schema.Key, StringComparer.Ordinal).ToDictionary();
        var paths = new OpenApiPaths();
        foreach (var (path, item) in document.Paths.OrderBy(path => path.Key, StringComparer.Ordinal)) paths.Add(path, item);
        document.Paths = paths;
    }

    /// <summary><see cref="Problem"/>: every endpoint can answer it, so none declares it.</summary>
    private static OpenApiSchema ProblemSchema => new()
    {
        Type = JsonSchemaType.Object,
        Required = new HashSet<string> { "status", "parameter", "message" },
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32" },
            ["parameter"] = new OpenApiSchema { Type = JsonSchemaType.String | JsonSchemaType.Null, Description = "The parameter that is wrong; null when none is." },
            ["message"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "What is wrong with it, and the fix." },
        },
    };
}
