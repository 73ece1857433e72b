namespace Waybill.Catalogs;

/// <summary>A link of an entity's metadata.</summary>
public sealed record CatalogLink(string Title, string Url, string Type);

/// <summary>One document of a catalog file, as far as it is used here. Texts are empty where nothing is said.</summary>
/// <param name="Ref">Canonical reference: <c>component:default/orders</c>, lower case.</param>
/// <param name="File">Path of the file, and the line on which the document begins.</param>
public sealed record CatalogEntity(string Kind, string Ref, string Name, string File, int Line)
{
    public string Title { get; init; } = "";
    public string Description { get; init; } = "";

    /// <summary>Canonical reference of a group or user.</summary>
    public string Owner { get; init; } = "";

    public string System { get; init; } = "";
    public string Domain { get; init; } = "";
    public string Type { get; init; } = "";
    public string Lifecycle { get; init; } = "";

    /// <summary>Of a group or user.</summary>
    public string DisplayName { get; init; } = "";

    public string Email { get; init; } = "";
    public IReadOnlyList<string> DependsOn { get; init; } = [];
    public IReadOnlyList<CatalogLink> Links { get; init; } = [];
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();
}

/// <summary>Something in a catalog file that is wrong.</summary>
/// <param name="Line">1 and up; 0 when the file as a whole is meant.</param>
/// <param name="Field">As <c>spec.owner</c>; empty when it is none in particular.</param>
public sealed record CatalogProblem(string File, int Line, string Field, string Message);
