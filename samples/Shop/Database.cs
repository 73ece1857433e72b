using Microsoft.Data.Sqlite;

namespace Shop;

/// <summary>One SQLite file, with a client span for every statement and a log record with the plan for every slow one.</summary>
public sealed class Database
{
    /// <summary>Slower than this is logged, with its plan.</summary>
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(20);

    private readonly string name;
    private readonly string connectionString;
    private readonly ILogger log;

    public Database(string name, ILogger log)
    {
        this.name = name;
        this.log = log;
        Directory.CreateDirectory(Role.DataDirectory);
        connectionString = new SqliteConnectionStringBuilder { DataSource = Path.Combine(Role.DataDirectory, $"{name}.db"), DefaultTimeout = 10 }.ToString();
        using SqliteConnection connection = Open();
        using SqliteCommand pragma = connection.CreateCommand();
        pragma.CommandText = "PRAGMA journal_mode = WAL";
        pragma.ExecuteNonQuery();
    }

    /// <summary>Runs a statement. Returns the rows it changed.</summary>
    /// <param name="collection">Table it is about: <c>db.collection.name</c>.</param>
    public int Execute(string collection, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        Run(collection, sql, parameters, command => command.ExecuteNonQuery());

    /// <summary>Runs a query and reads all its rows.</summary>
    public List<T> Query<T>(string collection, string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        Run(collection, sql, parameters, command =>
        {
            List<T> rows = [];
            using SqliteDataReader reader = command.ExecuteReader();
            while (reader.Read()) rows.Add(read(reader));
            Activity.Current?.SetTag("db.response.returned_rows", rows.Count);
            return rows;
        });

    /// <summary>Fills a new database in one transaction. It does not wait for the disk: a power cut here costs a seed, not an order.</summary>
    public void Load(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using SqliteConnection connection = Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = $"PRAGMA synchronous = OFF; {sql}; PRAGMA synchronous = FULL";
        foreach ((string key, object? value) in parameters) command.Parameters.AddWithValue(key, value);
        command.ExecuteNonQuery();
    }

    private T Run<T>(string collection, string sql, ReadOnlySpan<(string Name, object? Value)> parameters, Func<SqliteCommand, T> run)
    {
        string operation = sql[..sql.IndexOf(' ')].ToUpperInvariant();
        using Activity? span = Telemetry.Source.StartActivity($"{operation} {collection}", ActivityKind.Client);
        span?.SetTag("db.system.name", "sqlite").SetTag("db.namespace", name).SetTag("db.collection.name", collection)
            .SetTag("db.operation.name", operation).SetTag("db.query.text", sql);
        try
        {
            using SqliteConnection connection = Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = sql;
            foreach ((string key, object? value) in parameters) command.Parameters.AddWithValue(key, value ?? DBNull.Value);

            long started = Stopwatch.GetTimestamp();
            T result = run(command);
            TimeSpan took = Stopwatch.GetElapsedTime(started);
            if (took > Slow && operation == "SELECT") LogSlow(command, took);
            return result;
        }
        catch (SqliteException error)
        {
            span?.SetTag("db.response.status_code", $"{error.SqliteExtendedErrorCode}");
            span.Fail(error);
            throw;
        }
    }

    private void LogSlow(SqliteCommand command, TimeSpan took)
    {
        string sql = command.CommandText;
        command.CommandText = $"EXPLAIN QUERY PLAN {sql}";
        List<string> plan = [];
        using (SqliteDataReader reader = command.ExecuteReader())
            while (reader.Read()) plan.Add(reader.GetString(3));
        log.LogWarning("Slow query on {db.namespace}: {duration_ms} ms, plan: {plan}, statement: {db.query.text}", name, (int)took.TotalMilliseconds, string.Join("; ", plan), sql);
    }

    private SqliteConnection Open()
    {
        SqliteConnection connection = new(connectionString);
        connection.Open();
        return connection;
    }
}
