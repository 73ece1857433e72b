namespace Waybill.Catalogs;

/// <summary>Where to read what to do, or more.</summary>
public sealed record Reference(string Title, string Url);

/// <summary>What the catalog knows of a service. Absent is what it does not say.</summary>
/// <param name="Owner">Reference of a group or user, as <c>group:default/checkout</c>, or <see cref="Unowned"/>.</param>
/// <param name="OwnerName">The owner's name for people.</param>
/// <param name="Criticality">critical, high, medium or low; from <c>waybill.dev/criticality</c> as label or annotation.</param>
/// <param name="OnCall">Whom to call: <c>waybill.dev/on-call</c> of the component, else of its owner.</param>
/// <param name="Repository">As <c>owner/name</c>.</param>
public sealed record CatalogEntry(string Service, string Owner)
{
    public const string Unowned = "unowned";

    public string? OwnerName { get; init; }
    public string? Component { get; init; }
    public string? Title { get; init; }
    public string? Description { get; init; }
    public string? System { get; init; }
    public string? Domain { get; init; }
    public string? Lifecycle { get; init; }
    public string? Criticality { get; init; }
    public IReadOnlyList<Reference>? Runbooks { get; init; }
    public IReadOnlyList<Reference>? Links { get; init; }

    /// <summary>Whom to call, or where to write: the channel or rota, else the address.</summary>
    internal string? Reach => OnCall ?? Email;
    internal string? Runbook => Runbooks is [{ Url: var url }, ..] ? url : null;

    public string? OnCall { get; init; }
    public string? Email { get; init; }
    public string? PagerDutyServiceId { get; init; }
    public string? Repository { get; init; }
    public IReadOnlyList<string>? DependsOn { get; init; }
    public string? File { get; init; }
    public int? Line { get; init; }

    /// <summary>Whether it sent anything in the range that was asked for.</summary>
    public bool Seen { get; init; }

    /// <summary>To about an hour.</summary>
    public string? LastSeenUnixNano { get; init; }
}

/// <summary>A file that the catalog was made of.</summary>
/// <param name="Current">False when the file has problems, so that what it said before is kept.</param>
public sealed record CatalogSource(string Path, string LoadedUnixNano, int EntityCount, bool Current);

/// <summary>The catalog as of one moment.</summary>
public sealed record CatalogSnapshot(IReadOnlyDictionary<string, CatalogEntry> Services, IReadOnlyList<CatalogSource> Files, IReadOnlyList<CatalogProblem> Problems)
{
    public static readonly CatalogSnapshot Empty = new(new Dictionary<string, CatalogEntry>(), [], []);

    /// <summary>Puts entities together: a component is the service of its name, or of its annotation <c>waybill.dev/service-name</c>.</summary>
    public static CatalogSnapshot Of(IReadOnlyList<CatalogEntity> entities, IReadOnlyList<CatalogSource> files, IReadOnlyList<CatalogProblem> problems)
    {
        var byRef = new Dictionary<string, CatalogEntity>();
        foreach (CatalogEntity entity in entities) byRef.TryAdd(entity.Ref, entity);
        var services = new Dictionary<string, CatalogEntry>(StringComparer.OrdinalIgnoreCase);
        foreach (CatalogEntity component in byRef.Values.Where(entity => entity.Kind.Equals("Component", StringComparison.OrdinalIgnoreCase)))
            services.TryAdd(component.Annotations.GetValueOrDefault("waybill.dev/service-name", component.Name), Describe(component, byRef));
        return new CatalogSnapshot(services, files, problems);
    }

    private static CatalogEntry Describe(CatalogEntity component, Dictionary<string, CatalogEntity> byRef)
    {
        byRef.TryGetValue(component.Owner, out CatalogEntity? owner);
        byRef.TryGetValue(component.System, out CatalogEntity? system);
        bool IsRunbook(CatalogLink link) => link.Type.Contains("runbook", StringComparison.OrdinalIgnoreCase) || link.Title.Contains("runbook", StringComparison.OrdinalIgnoreCase);
        return new CatalogEntry(component.Annotations.GetValueOrDefault("waybill.dev/service-name", component.Name), component.Owner)
        {
            OwnerName = owner is null ? component.Owner[(component.Owner.IndexOf('/', StringComparison.Ordinal) + 1)..] : owner.DisplayName.Length > 0 ? owner.DisplayName : owner.Title.Length > 0 ? owner.Title : owner.Name,
            Component = component.Ref, Title = Said(component.Title), Description = Said(component.Description), Lifecycle = Said(component.Lifecycle),
            System = Said(component.System[(component.System.IndexOf('/', StringComparison.Ordinal) + 1)..]),
            Domain = Said(system?.Domain is { Length: > 0 } domain ? domain[(domain.IndexOf('/', StringComparison.Ordinal) + 1)..] : ""),
            Criticality = Marked(component, "waybill.dev/criticality") ?? Marked(system, "waybill.dev/criticality"),
            Runbooks = References(component.Links.Where(IsRunbook)), Links = References(component.Links.Where(link => !IsRunbook(link))),
            OnCall = Marked(component, "waybill.dev/on-call") ?? Marked(owner, "waybill.dev/on-call"), Email = Said(owner?.Email ?? ""),
            PagerDutyServiceId = Marked(component, "pagerduty.com/service-id"),
            Repository = Marked(component, "github.com/project-slug") ?? Marked(component, "gitlab.com/project-slug"),
            DependsOn = component.DependsOn.Count == 0 ? null : component.DependsOn, File = component.File, Line = component.Line,
        };
    }

    private static string? Marked(CatalogEntity? entity, string key) =>
        entity is null ? null : Said(entity.Annotations.GetValueOrDefault(key, "")) ?? Said(entity.Labels.GetValueOrDefault(key, ""));

    private static Reference[]? References(IEnumerable<CatalogLink> links) => links.Select(link => new Reference(link.Title, link.Url)).ToArray() is { Length: > 0 } some ? some : null;

    private static string? Said(string text) => text.Length == 0 ? null : text;
}

/// <summary>Who owns what, as the catalog files say now.</summary>
public sealed class Catalog
{
    private volatile CatalogSnapshot _current = CatalogSnapshot.Empty;

    public CatalogSnapshot Current => _current;

    internal void Replace(CatalogSnapshot snapshot) => _current = snapshot;

    /// <summary>What is known of a service; null when the catalog does not name it.</summary>
    public CatalogEntry? OwnerOf(string service) => _current.Services.GetValueOrDefault(service);
}
