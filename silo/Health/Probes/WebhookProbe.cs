using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Doors;
using Orchestrator.Decisions.Webhooks;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Webhooks;
using static Orchestrator.Decisions.Health.MachineChecks;

namespace Orchestrator.Silo.Health.Probes;

/// <summary>The doors of webhooks: whether secrets are set and deliveries arrive; whether a connection to each endpoint comes about. Nothing is sent.</summary>
internal sealed class WebhookProbe(
    IOptions<WebhookOptions> options,
    IServiceProvider services,
    TimeProvider time
) : IDoctorProbe
{
    private static readonly TimeSpan ConnectMax = TimeSpan.FromSeconds(8);

    /// <inheritdoc />
    public string Name => "webhooks";

    /// <inheritdoc />
    public async Task<IReadOnlyList<DoctorCheck>> LookAsync(
        DoctorVisit visit,
        CancellationToken cancellationToken
    )
    {
        var checks = new List<DoctorCheck>();
        foreach (var source in InboundSource.All)
        {
            checks.Add(
                options.Value.Inbound.Of(source.Name).All().Count == 0
                    ? Ok($"webhooks in {source.Name}", "closed: no secret is set")
                    : await InboundAsync(visit, source.Name, cancellationToken)
            );
        }
        checks.AddRange(
            await Task.WhenAll(
                options
                    .Value.Outbound.Where(o => o.Value.Url.Length > 0)
                    .OrderBy(o => o.Key, StringComparer.Ordinal)
                    .Select(o => OutboundAsync(o.Key, o.Value, cancellationToken))
            )
        );
        return checks;
    }

    private async Task<DoctorCheck> InboundAsync(
        DoctorVisit visit,
        string source,
        CancellationToken cancellationToken
    )
    {
        var line = "webhooks in " + source;
        if (!visit.Live)
        {
            return Ok(line, "a secret is set");
        }
        var page = await services
            .GetRequiredService<IWebhookInbox>()
            .ListAsync(new InboxFilter(source, null, null, null, 1), cancellationToken);
        return page.Count == 0
            ? Warn(
                line,
                "a secret is set, and no delivery ever arrived",
                $"See at {source} whether it is to send to https://YOUR-ADDRESS/webhooks/{source}, with this secret; a server on 127.0.0.1 needs a TLS proxy or tunnel in front (docs/webhooks.md)."
            )
            : Ok(line, $"the last delivery arrived at {page[0].At:u}");
    }

    private async Task<DoctorCheck> OutboundAsync(
        string name,
        OutboundOptions endpoint,
        CancellationToken cancellationToken
    )
    {
        var line = "webhooks out " + name;
        var address = new Uri(endpoint.Url);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ConnectMax);
        try
        {
            await using var stream = await GuardedConnect.ConnectAsync(
                new DnsEndPoint(address.Host, address.Port),
                endpoint.AllowPrivate,
                limit.Token
            );
            if (address.Scheme != Uri.UriSchemeHttps)
            {
                return Ok(line, $"{address.Authority} takes connections, in plain text");
            }
            await using var tls = new SslStream(stream);
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions { TargetHost = address.Host },
                limit.Token
            );
            using var certificate = new X509Certificate2(tls.RemoteCertificate!);
            var judged = DoorChecks.Certificate(
                line,
                certificate.NotAfter.ToUniversalTime(),
                time.GetUtcNow()
            );
            return judged with
            {
                Message =
                    $"{address.Authority} takes connections; its certificate: {judged.Message}",
                Cure = judged.Cure.Length > 0 ? "Have its owner renew it." : "",
            };
        }
        catch (AddressRefusedException e)
        {
            return Fail(
                line,
                e.Message,
                $"Name the host in Webhooks:Outbound:{name}:AllowPrivate when it is meant."
            );
        }
        catch (AuthenticationException e)
        {
            return Fail(
                line,
                $"{address.Authority}: {e.Message}",
                "Have its owner put a valid certificate there, or trust its authority on this machine."
            );
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Warn(
                line,
                $"{address.Authority} takes no connection: {(e is OperationCanceledException ? $"nothing within {ConnectMax.TotalSeconds:0} s" : e.Message)}",
                $"Start it, or correct Webhooks:Outbound:{name}:Url; messages wait ('orchestrator webhooks deliveries')."
            );
        }
    }
}
