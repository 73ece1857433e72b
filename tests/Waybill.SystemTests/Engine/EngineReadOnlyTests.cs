using System.Net.Sockets;

namespace Waybill.Engine;

public sealed class EngineReadOnlyTests(RunningEngine engine) : IClassFixture<RunningEngine>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("CREATE TABLE x (a UInt8) ENGINE = Memory")]
    [InlineData("INSERT INTO system.one VALUES (1)")]
    [InlineData("DROP TABLE IF EXISTS x")]
    [InlineData("SET max_threads = 1")]
    [InlineData("SYSTEM FLUSH LOGS")]
    [InlineData("KILL QUERY WHERE 1")]
    [InlineData("SELECT 1 SETTINGS readonly = 0")]
    [InlineData("SELECT 1 INTO OUTFILE '/tmp/waybill-outfile'")]
    [InlineData("SELECT file('/etc/hostname')")]
    [InlineData("SELECT FILE /* c */ ('/etc/hostname')")]
    [InlineData("SELECT `file`('/etc/hostname')")]
    [InlineData("SELECT \"f\\x69le\"('/etc/hostname')")]
    [InlineData("SELECT * FROM file('/etc/hostname', 'LineAsString')")]
    [InlineData("DESCRIBE file('/etc/hostname')")]
    [InlineData("SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')")]
    [InlineData("SELECT * FROM remote('127.0.0.1', system.one)")]
    [InlineData("SELECT * FROM executable('id', 'LineAsString', 's String')")]
    [InlineData("BACKUP DATABASE default TO File('x')")]
    public async Task A_read_refuses_to_write_and_to_reach_outside(string sql)
    {
        var error = await Assert.ThrowsAsync<EngineException>(() => engine.Bytes(sql));
        Assert.Equal((164, "READONLY"), (error.Code, error.Name));
        Assert.False(File.Exists("/tmp/waybill-outfile"));
    }

    [Fact]
    public async Task A_read_is_one_statement() =>
        Assert.Equal(62, (await Assert.ThrowsAsync<EngineException>(() => engine.Bytes("SELECT 1; SELECT 2"))).Code);

    [Theory]
    [InlineData("SELECT 'file' AS url, URLHash('http://x'), domain('http://x')")]
    [InlineData("SHOW TABLES")]
    [InlineData("DESCRIBE TABLE system.one")]
    [InlineData("EXPLAIN SELECT 1")]
    [InlineData("-- a comment\nWITH 1 AS x SELECT x;")]
    [InlineData("(SELECT 1) UNION ALL (SELECT 2)")]
    public async Task A_read_may_be_anything_that_only_reads(string sql)
    {
        await engine.Execute("CREATE TABLE IF NOT EXISTS shown (a UInt8) ENGINE = Memory");
        Assert.NotEmpty(await engine.Bytes(sql));
    }

    [Fact]
    public async Task GET_is_read_only()
    {
        using var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancel) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(engine.Options.SocketPath), cancel);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        Assert.Equal("Ok.\n", await http.GetStringAsync(new Uri("http://engine/ping"), Cancel));
        Assert.Equal("3\n", await http.GetStringAsync(new Uri("http://engine/?query=SELECT%201%2B%7Bx:Int8%7D&param_x=2"), Cancel));
        using var refused = await http.GetAsync(new Uri("http://engine/?query=DROP%20TABLE%20x"), Cancel);
        Assert.Equal("164", refused.Headers.GetValues("X-ClickHouse-Exception-Code").Single());
        Assert.StartsWith("Code: 164. DB::Exception: ", await refused.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        using var unknown = await http.GetAsync(new Uri("http://engine/?query=SELECT%20nosuch"), Cancel);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, unknown.StatusCode);
    }

    [Fact]
    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    public void The_socket_is_the_owners_alone() => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(engine.Options.SocketPath));
}
