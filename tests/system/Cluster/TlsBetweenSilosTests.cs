using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Cluster;

/// <summary>Silos that show each other certificates, through the built programs. Foreign, expired, plain and nameless ones stay out.</summary>
public sealed class TlsBetweenSilosTests
{
    private const string Refused = "A silo connection with 127.0.0.1 was refused: ";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task Two_silos_with_certificates_of_one_authority_are_a_cluster_that_runs_tasks_on_both()
    {
        using var authority = new SiloAuthority("ca");
        using var first = authority.Sign();
        using var second = authority.Sign();
        var database = await (await PostgresServer.SharedAsync()).NewDatabaseAsync();
        await using var one = Silo(database, "one", authority.Arguments(first));
        await using var two = Silo(database, "two", authority.Arguments(second));
        await one.StartAsync();
        await two.StartAsync();
        await using var facts = new FactFollower(one.Client);

        foreach (var host in (string[])["one", "two"])
        {
            // Asked of the other: the words cross between the silos.
            var task = await (host == "one" ? two : one).Client.SubmitAsync(
                SiloProcess.Scripted("""{"do":"say","text":"done"}""", type: "analyze") with
                {
                    Labels = ["host=" + host],
                }
            );
            await facts.UntilAsync(
                "a task on " + host,
                Deadline,
                e => e.TaskId == task.TaskId && e.Fact is TaskFact.Delivered
            );
        }
        Assert.Equal(
            "ok",
            (await two.Client.GetDoctorAsync())
                .Checks.Single(c => c.Name == "silo certificate")
                .Level
        );
        Assert.DoesNotContain(Refused, one.LastWords, StringComparison.Ordinal);

        // Whoever shows nothing, or speaks no TLS, gets no answer from a silo's port.
        var port = await SiloPortAsync(database);
        await Assert.ThrowsAnyAsync<Exception>(() => ShakeAsync(port, []));
        using var plain = new TcpClient();
        await plain.ConnectAsync("127.0.0.1", port);
        await plain.GetStream().WriteAsync("\0\0\0\u0010ORLEANS, let me in"u8.ToArray());
        Assert.Equal(0, await ReadAsync(plain.GetStream()));
        // A good certificate is answered: the refusals above were about what was shown.
        using var good = authority.Sign();
        await ShakeAsync(port, [good]);

        // Connections end with the silo; it does not wait for the host's patience (40 s).
        await two.Client.StopAsync();
        await two.Ended.WaitAsync(TimeSpan.FromSeconds(25));
    }

    [Theory]
    [InlineData("foreign", "not signed by an authority of Cluster:Tls:Authority")]
    [InlineData("none", "no TLS handshake")]
    [InlineData("name", "does not name 'orchestrator-silo'")]
    public async Task A_silo_that_cannot_show_the_right_certificate_stays_out_and_the_log_says_why(
        string what,
        string words
    )
    {
        using var authority = new SiloAuthority("ca");
        using var foreign = new SiloAuthority("another ca");
        using var own = authority.Sign();
        var database = await (await PostgresServer.SharedAsync()).NewDatabaseAsync();
        await using var one = Silo(database, "one", authority.Arguments(own));
        await one.StartAsync();

        if (what == "name")
        {
            using var other = authority.Sign("somebody-else");
            var port = await SiloPortAsync(database);
            await Assert.ThrowsAnyAsync<Exception>(() => ShakeAsync(port, [other]));
            await SaidAsync(one, words);
        }
        else
        {
            using var shown = foreign.Sign();
            await using var two = Silo(
                database,
                "two",
                what == "none" ? [] : foreign.Arguments(shown)
            );
            var starting = two.TryStartAsync();
            await SaidAsync(one, words);
            await two.KillAsync();
            Assert.False(await starting);
        }

        var task = await one.Client.SubmitAsync(
            SiloProcess.Scripted("""{"do":"say","text":"done"}""", type: "analyze")
        );
        await FactWait.SeenAsync(one, task.TaskId, f => f is TaskFact.Delivered);
    }

    [Theory]
    [InlineData("expired", "ended at")]
    [InlineData("early", "begins at")]
    [InlineData("name", "does not name 'orchestrator-silo'")]
    [InlineData("missing", "(Cluster:Tls:Certificate) cannot be used")]
    [InlineData("authority", "TLS between silos needs")]
    public async Task A_silo_whose_own_certificate_cannot_be_used_does_not_start_and_says_why(
        string what,
        string words
    )
    {
        using var authority = new SiloAuthority("ca");
        using var own = authority.Sign(
            what == "name" ? "somebody-else" : "orchestrator-silo",
            what == "early" ? 1 : -2,
            what == "expired" ? -1 : 2
        );
        var arguments = authority.Arguments(own);
        if (what == "missing")
        {
            File.Delete(arguments[0].Split('=')[1]);
        }
        var database = await (await PostgresServer.SharedAsync()).NewDatabaseAsync();
        await using var silo = Silo(
            database,
            "one",
            what == "authority" ? arguments[..2] : arguments
        );

        Assert.False(await silo.TryStartAsync());

        Assert.Contains(words, silo.LastWords, StringComparison.Ordinal);
        Assert.Equal(2, silo.ExitCode);
    }

    [Fact]
    public async Task A_renewed_certificate_is_shown_without_a_restart_and_a_broken_one_never()
    {
        using var authority = new SiloAuthority("ca");
        using var old = authority.Sign();
        using var fresh = authority.Sign();
        using var peer = authority.Sign();
        var database = await (await PostgresServer.SharedAsync()).NewDatabaseAsync();
        var arguments = authority.Arguments(old, "silo");
        await using var silo = Silo(database, "one", arguments);
        await silo.StartAsync();
        var port = await SiloPortAsync(database);
        Assert.Equal(old.Thumbprint, await ShakeAsync(port, [peer]));

        await File.WriteAllTextAsync(arguments[0].Split('=')[1], "-----BEGIN half a file");
        using var limit = new CancellationTokenSource(Deadline, TimeProvider.System);
        while (!silo.LastWords.Contains("stay in force", StringComparison.Ordinal))
        {
            limit.Token.ThrowIfCancellationRequested();
            Assert.Equal(old.Thumbprint, await ShakeAsync(port, [peer]));
        }

        authority.Arguments(fresh, "silo");
        while (await ShakeAsync(port, [peer]) != fresh.Thumbprint)
        {
            limit.Token.ThrowIfCancellationRequested();
        }
    }

    // The thumbprint that the silo showed; throws when it wanted none of it.
    private static async Task<string> ShakeAsync(int port, X509Certificate2Collection shown)
    {
        using var limit = new CancellationTokenSource(Deadline, TimeProvider.System);
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port, limit.Token);
        var seen = "";
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "orchestrator-silo",
                ClientCertificates = shown,
                RemoteCertificateValidationCallback = (_, c, _, _) =>
                {
                    seen = (c as X509Certificate2)?.Thumbprint ?? "";
                    return seen.Length > 0;
                },
            },
            limit.Token
        );
        // A refusal of what the client showed comes after its own handshake is done: Orleans' preamble, or nothing.
        return await ReadAsync(tls) > 0
            ? seen
            : throw new AuthenticationException("The silo closed the connection.");
    }

    private static async Task<int> ReadAsync(Stream stream)
    {
        using var limit = new CancellationTokenSource(Deadline, TimeProvider.System);
        try
        {
            return await stream.ReadAsync(new byte[16], limit.Token);
        }
        catch (IOException)
        {
            return 0; // cut off
        }
    }

    private static async Task<int> SiloPortAsync(string database) =>
        (int)
            (long)
                (
                    await PostgresServer.ExecuteAsync(
                        database,
                        "SELECT port::bigint FROM orleansmembershiptable WHERE status = 3 ORDER BY starttime DESC LIMIT 1"
                    )
                )!;

    private static async Task SaidAsync(SiloProcess silo, string words)
    {
        using var limit = new CancellationTokenSource(Deadline, TimeProvider.System);
        while (!silo.LastWords.Contains(words, StringComparison.Ordinal))
        {
            Assert.False(
                limit.IsCancellationRequested,
                $"The silo did not say '{words}' in time: {silo.LastWords}"
            );
            await Task.Yield();
        }
    }

    private static SiloProcess Silo(string database, string host, string[] arguments) =>
        SiloProcess.At(
            Path.Combine(SiloProcess.NewFolder(), "data"),
            [
                "--Cluster:ConnectionString=" + database,
                "--Cluster:SiloPort=0",
                "--Runner:Host=" + host,
                .. arguments,
            ]
        );
}
