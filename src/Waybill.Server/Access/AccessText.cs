using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;
using Waybill.Blocks;
using Waybill.Redaction;

namespace Waybill.Access;

/// <summary>What is wrong in <c>access.yaml</c>, and what to write instead.</summary>
public sealed record AccessError(int Line, string Field, string Message)
{
    public override string ToString() => $"line {Line}{(Field.Length > 0 ? $", {Field}" : "")}: {Message}";
}

/// <summary>Reads <c>access.yaml</c>. Every error is reported at once; a file with an error gives no policy.</summary>
public static class AccessText
{
    public const int BytesMax = 256 * 1024;
    private const int ItemsMax = 5_000, TextMax = 500;

    public static (AccessPolicy? Policy, IReadOnlyList<AccessError> Errors) Parse(string yaml)
    {
        var reading = new Reading();
        AccessPolicy? policy = null;
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(yaml));
            policy = stream.Documents.Count == 0 ? AccessPolicy.Default : reading.Read(stream.Documents[0].RootNode);
        }
        catch (YamlException e)
        {
            reading.Add((int)e.Start.Line, "", $"This is no YAML: {e.Message}");
        }
        return (reading.Errors.Count == 0 ? policy : null, reading.Errors);
    }

    private sealed class Reading
    {
        public List<AccessError> Errors { get; } = [];

        public void Add(int line, string field, string message) => Errors.Add(new AccessError(line, field, message));

        public AccessPolicy Read(YamlNode node)
        {
            var root = Map(node, "", ["roles", "bindings", "tenants", "oidc", "masked", "ingest"]);
            var roles = Role.BuiltIn.ToDictionary(role => role.Name, StringComparer.Ordinal);
            foreach (var (name, permissions) in Map(root.GetValueOrDefault("roles"), "roles", null))
            {
                if (Role.BuiltIn.Any(role => role.Name == name)) Add(Line(permissions), $"roles.{name}", "This role is built in; give yours another name.");
                else roles[name] = RoleOf(name, permissions);
            }
            var bindings = List(root, "bindings", "").Select((item, i) => BindingOf(item, $"bindings[{i}]", roles)).OfType<Binding>().ToList();
            var limits = new Dictionary<string, TenantLimit>();
            foreach (var (tenant, limit) in Map(root.GetValueOrDefault("tenants"), "tenants", null))
            {
                if (!Grant.IsTenant(tenant)) Add(Line(limit), $"tenants.{tenant}", "A tenant has 1 to 63 small letters, digits and '-'.");
                var map = Map(limit, $"tenants.{tenant}", ["requestsPerSecond", "ingestBytesPerSecond"]);
                limits[tenant] = new TenantLimit(Number(map, "requestsPerSecond", $"tenants.{tenant}"), Number(map, "ingestBytesPerSecond", $"tenants.{tenant}"));
            }
            var ingest = Map(root.GetValueOrDefault("ingest"), "ingest", ["anonymous"]);
            List<MaskedField> masked = [.. List(root, "masked", "").SelectMany((item, i) => MaskedOf(item, $"masked[{i}]"))];
            return new AccessPolicy(roles, bindings, limits, root.TryGetValue("oidc", out var oidc) ? OidcOf(oidc) : null)
            {
                Mask = masked.Count == 0 ? null : new FieldMask(masked),
                AnonymousIngest = Flag(ingest, "anonymous", "ingest"),
            };
        }

        private Role RoleOf(string name, YamlNode node)
        {
            var permissions = new List<Permission>();
            foreach (YamlNode item in (node as YamlSequenceNode)?.Children ?? Nothing(node, $"roles.{name}", "Write a list of permissions, such as [traces.read, logs.read]."))
            {
                if (item is YamlScalarNode { Value: { } word } && Permissions.TryParse(word, out Permission permission)) permissions.Add(permission);
                else Add(Line(item), $"roles.{name}", $"'{(item as YamlScalarNode)?.Value}' is no permission; there are {string.Join(", ", Permissions.All.Select(each => each.Word()))}.");
            }
            return Role.Of(name, permissions);
        }

        private Binding? BindingOf(YamlNode node, string path, Dictionary<string, Role> roles)
        {
            var map = Map(node, path, ["user", "group", "subject", "certificate", "role", "tenant", "services", "environments"]);
            (BindingKind Kind, string Field)[] kinds = [(BindingKind.User, "user"), (BindingKind.Group, "group"), (BindingKind.Subject, "subject"), (BindingKind.Certificate, "certificate")];
            var named = kinds.Where(kind => map.ContainsKey(kind.Field)).ToList();
            if (named.Count != 1)
            {
                Add(Line(node), path, "Say to whom: one of user, group, subject or certificate.");
                return null;
            }
            string name = Text(map, named[0].Field, path) ?? "", role = Text(map, "role", path) ?? "";
            if (name.Length == 0) Add(Line(node), $"{path}.{named[0].Field}", "Write a name.");
            if (!roles.ContainsKey(role)) Add(Line(map.GetValueOrDefault("role") ?? node), $"{path}.role", $"There is no role '{role}'; there are {string.Join(", ", roles.Keys)}.");
            var grant = new Grant(role, Text(map, "tenant", path) ?? "default", Texts(map, "services", path), Texts(map, "environments", path));
            if (grant.Wrong() is { } wrong) Add(Line(node), path, wrong);
            return new Binding(named[0].Kind, name, grant);
        }

        /// <summary>A pattern alone, or patterns with whose they are and why.</summary>
        private IEnumerable<MaskedField> MaskedOf(YamlNode node, string path)
        {
            if (node is YamlScalarNode) node = new YamlMappingNode { { "keys", node } };
            var map = Map(node, path, ["keys", "services", "why"]);
            List<string> keys = Texts(map, "keys", path);
            if (keys.Count == 0) Add(Line(node), $"{path}.keys", "Write the attributes' names, such as user.email or \"enduser.*\".");
            foreach (string key in keys.Where(FieldMask.NeverMasked.Contains))
                Add(Line(node), $"{path}.keys", $"'{key}' cannot be masked: services and failures are known by it. redaction.yaml can keep it from being stored.");
            var services = Texts(map, "services", path).ToHashSet(StringComparer.Ordinal);
            string why = Text(map, "why", path) ?? "";
            return keys.Select(key => new MaskedField(new Glob(key), services, why));
        }

        private OidcSettings? OidcOf(YamlNode node)
        {
            const string path = "oidc";
            var map = Map(node, path, ["name", "issuer", "audience", "clientId", "clientSecretFile", "nameClaim", "groupsClaim", "scopes", "algorithms", "clockSkewSeconds", "publicUrl"]);
            Uri? issuer = Address(map, "issuer", path), publicUrl = map.ContainsKey("publicUrl") ? Address(map, "publicUrl", path) : null;
            string? audience = Text(map, "audience", path), client = Text(map, "clientId", path), secretFile = Text(map, "clientSecretFile", path);
            if ((audience ?? client) is null) Add(Line(node), $"{path}.audience", "Say which audience tokens for this server have; mostly the client's id.");
            if (secretFile is not null && !File.Exists(secretFile)) Add(Line(map["clientSecretFile"]), $"{path}.clientSecretFile", $"There is no file {secretFile}.");
            double skew = Number(map, "clockSkewSeconds", path) ?? 60;
            if (skew is < 0 or > 300) Add(Line(map["clockSkewSeconds"]), $"{path}.clockSkewSeconds", "Clocks may differ by 0 to 300 seconds.");
            var algorithms = Texts(map, "algorithms", path);
            foreach (string algorithm in algorithms)
                if (!JwtAlgorithms.Contains(algorithm)) Add(Line(map["algorithms"]), $"{path}.algorithms", $"'{algorithm}' is not taken; there are {string.Join(", ", JwtAlgorithms)}.");
            if (issuer is null) return null;
            var settings = new OidcSettings(Text(map, "name", path) ?? issuer.Host, issuer, audience ?? client ?? "", client, secretFile) { PublicUrl = publicUrl, ClockSkewSeconds = (int)skew };
            if (Text(map, "nameClaim", path) is { } nameClaim) settings = settings with { NameClaim = nameClaim };
            if (Text(map, "groupsClaim", path) is { } groupsClaim) settings = settings with { GroupsClaim = groupsClaim };
            if (Texts(map, "scopes", path) is { Count: > 0 } scopes) settings = settings with { Scopes = scopes };
            return algorithms.Count > 0 ? settings with { Algorithms = algorithms } : settings;
        }

        // Only with keys of two halves: with a shared secret whoever can check a token could also make one.
        private static readonly string[] JwtAlgorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

        private Uri? Address(Dictionary<string, YamlNode> map, string field, string path)
        {
            string? text = Text(map, field, path);
            if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.UserInfo.Length == 0 && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback)) return uri;
            Add(map.TryGetValue(field, out var node) ? Line(node) : 1, $"{path}.{field}", "Write its URL, as https://login.example.com/realms/main; http only on this machine.");
            return null;
        }

        private Dictionary<string, YamlNode> Map(YamlNode? node, string path, string[]? fields)
        {
            var map = new Dictionary<string, YamlNode>(StringComparer.Ordinal);
            if (node is null or YamlScalarNode { Value: null or "" }) return map;
            if (node is not YamlMappingNode mapping)
            {
                Add(Line(node), path, fields is null ? "Write names and values." : $"Write fields: {string.Join(", ", fields)}.");
                return map;
            }
            foreach (var (key, value) in mapping.Children)
            {
                string name = (key as YamlScalarNode)?.Value ?? "";
                if (fields is not null && !fields.Contains(name)) Add(Line(key), path.Length == 0 ? name : $"{path}.{name}", $"There is no such field; there are {string.Join(", ", fields)}.");
                else map[name] = value;
            }
            return map;
        }

        private IEnumerable<YamlNode> List(Dictionary<string, YamlNode> map, string field, string path)
        {
            if (!map.TryGetValue(field, out var node)) return [];
            if (node is YamlSequenceNode list && list.Children.Count <= ItemsMax) return list.Children;
            return Nothing(node, path.Length == 0 ? field : $"{path}.{field}", $"Write a list of at most {ItemsMax}.");
        }

        private YamlNode[] Nothing(YamlNode node, string path, string message)
        {
            Add(Line(node), path, message);
            return [];
        }

        private List<string> Texts(Dictionary<string, YamlNode> map, string field, string path)
        {
            var texts = new List<string>();
            foreach (YamlNode item in map.TryGetValue(field, out var one) && one is YamlScalarNode ? [one] : List(map, field, path))
            {
                if (item is YamlScalarNode { Value: { Length: > 0 and <= TextMax } text }) texts.Add(text);
                else Add(Line(item), path.Length == 0 ? field : $"{path}.{field}", $"Write texts of 1 to {TextMax} characters.");
            }
            return texts;
        }

        private string? Text(Dictionary<string, YamlNode> map, string field, string path)
        {
            if (!map.TryGetValue(field, out var node)) return null;
            if (node is YamlScalarNode { Value: { Length: > 0 and <= TextMax } text }) return text;
            Add(Line(node), $"{path}.{field}", $"Write one text of 1 to {TextMax} characters.");
            return null;
        }

        private double? Number(Dictionary<string, YamlNode> map, string field, string path)
        {
            if (!map.TryGetValue(field, out YamlNode? node)) return null;
            if (double.TryParse(Text(map, field, path), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number is >= 0 and < 1e15) return number;
            Add(Line(node), $"{path}.{field}", "Write a number.");
            return null;
        }

        private bool Flag(Dictionary<string, YamlNode> map, string field, string path)
        {
            if (!map.TryGetValue(field, out YamlNode? node)) return false;
            string? word = Text(map, field, path);
            if (word is "true" or "false") return word == "true";
            Add(Line(node), $"{path}.{field}", "Write true or false.");
            return false;
        }

        private static int Line(YamlNode node) => (int)node.Start.Line;
    }
}
