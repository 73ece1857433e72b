using System.Globalization;
using System.Xml.Linq;

namespace Waybill.Engine.Host;

/// <summary>The server and MergeTree settings of the engine: written to its configuration file, then asserted by SELECT.</summary>
internal static class ServerSettings
{
    private const long Mebibyte = 1 << 20;

    // Caches are bounded because the library ships with 5 GiB and more for each. Two merge threads, as the library's own default.
    private static IEnumerable<(string Name, long Value)> Server(EngineHostOptions options) =>
    [
        ("max_server_memory_usage", options.MemoryBytesMax),
        ("merges_mutations_memory_usage_soft_limit", options.MemoryBytesMax / 3),
        ("mark_cache_size", 64 * Mebibyte),
        ("index_mark_cache_size", 32 * Mebibyte),
        ("primary_index_cache_size", 32 * Mebibyte),
        ("uncompressed_cache_size", 0),
        ("index_uncompressed_cache_size", 64 * Mebibyte),
        ("query_condition_cache_size", 16 * Mebibyte),
        ("text_index_tokens_cache_size", 32 * Mebibyte),
        ("text_index_header_cache_size", 32 * Mebibyte),
        ("text_index_postings_cache_size", 32 * Mebibyte),
        ("compiled_expression_cache_size", 16 * Mebibyte),
        ("background_pool_size", 2),
    ];

    // The four fsync settings together lose nothing acknowledged in a power cut and reopen always; the deduplication window is what
    // makes a repeated insert safe; 480 s is the server's own guard for merged parts. Broken parts must not stop the start: they are
    // counted and reported instead.
    private static readonly (string Name, long Value)[] MergeTree =
    [
        ("fsync_after_insert", 1),
        ("fsync_part_directory", 1),
        ("min_rows_to_fsync_after_merge", 1),
        ("min_compressed_bytes_to_fsync_after_merge", 1),
        ("old_parts_lifetime", 480),
        ("non_replicated_deduplication_window", 10_000),
        ("max_suspicious_broken_parts", 1_000_000),
    ];

    private const string EncryptedPolicy = "encrypted";

    /// <summary>The configuration file of the library, ClickHouse's XML.</summary>
    public static XDocument ToXml(EngineHostOptions options, string backupDirectory, string encryptedDirectory) => new(
        new XElement("clickhouse",
            Server(options).Select(s => new XElement(s.Name, s.Value)),
            new XElement("merge_tree", MergeTree.Select(s => new XElement(s.Name, s.Value)), options.EncryptionKeys.Count > 0 ? new XElement("storage_policy", EncryptedPolicy) : null),
            options.EncryptionKeys.Count > 0 ? Encrypted(options.EncryptionKeys.Count, encryptedDirectory) : null,
            new XElement("backups", new XElement("allowed_path", backupDirectory))));

    /// <summary>The variable of the process's environment that a key is in while the library starts.</summary>
    public static string KeyVariable(int index) => string.Create(CultureInfo.InvariantCulture, $"WAYBILL_ENGINE_KEY_{index}");

    // A disk over another (which must be announced before it, so it cannot be the library's own), and a policy of that disk alone, which all tables and all
    // temporary files have. The keys are not in the file.
    private static object[] Encrypted(int keys, string directory) =>
    [
        new XElement("storage_configuration",
            new XElement("disks", new XElement("beneath", new XElement("type", "local"), new XElement("path", directory)), new XElement(EncryptedPolicy,
                new XElement("type", "encrypted"), new XElement("disk", "beneath"), new XElement("algorithm", "AES_256_CTR"),
                Enumerable.Range(0, keys).Select(i => new XElement("key_hex", new XAttribute("id", i), new XAttribute("from_env", KeyVariable(i)))),
                new XElement("current_key_id", 0))),
            new XElement("policies", new XElement(EncryptedPolicy, new XElement("volumes", new XElement("main", new XElement("disk", EncryptedPolicy)))))),
        new XElement("tmp_policy", EncryptedPolicy),
    ];

    /// <exception cref="EngineStartException">A setting has not the value that was written: durability or memory would be other than promised.</exception>
    public static void Assert(EngineConnection connection, EngineHostOptions options)
    {
        var expected = Server(options).Select(s => (Table: "server_settings", s.Name, s.Value))
            .Concat(MergeTree.Select(s => (Table: "merge_tree_settings", s.Name, s.Value)));
        List<string> wrong = [];
        foreach (var (table, name, value) in expected)
        {
            using var result = connection.Run($"SELECT value FROM system.{table} WHERE name = '{name}'");
            string actual = result.Error ?? System.Text.Encoding.UTF8.GetString(result.Bytes).Trim();
            if (actual != value.ToString(CultureInfo.InvariantCulture)) wrong.Add($"{name} is '{actual}', not {value}");
        }

        if (options.EncryptionKeys.Count > 0)
        {
            using var policy = connection.Run("SELECT value FROM system.merge_tree_settings WHERE name = 'storage_policy'");
            using var disk = connection.Run($"SELECT is_encrypted FROM system.disks WHERE name = '{EncryptedPolicy}'");
            if (System.Text.Encoding.UTF8.GetString(policy.Bytes).Trim() != EncryptedPolicy || System.Text.Encoding.UTF8.GetString(disk.Bytes).Trim() != "1") wrong.Add("the disk is not encrypted");
        }

        using var zone = connection.Run("SELECT timezone()");
        if (!zone.Bytes.SequenceEqual("UTC\n"u8)) wrong.Add($"timezone is '{System.Text.Encoding.UTF8.GetString(zone.Bytes).Trim()}', not UTC");
        if (wrong.Count > 0) throw new EngineStartException($"The engine did not take its settings: {string.Join("; ", wrong)}.");
    }
}
