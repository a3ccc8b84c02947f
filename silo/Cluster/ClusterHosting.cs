using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Orchestrator.Grains.Runners;
using Orchestrator.Silo.Cluster.Tls;
using Orchestrator.Silo.Runners;
using Orchestrator.Silo.Storage;
using Orchestrator.Silo.Storage.Postgres;
using Orleans.Configuration;

namespace Orchestrator.Silo.Cluster;

/// <summary>Makes the silo a cluster of its own, or a member of the one that its database names.</summary>
internal static class ClusterHosting
{
    private const string ServiceId = "orchestrator";

    // A dead silo is voted out after about two missed probes; the runs of its host are taken over by the lease before that.
    private static readonly TimeSpan ProbePeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TablePeriod = TimeSpan.FromSeconds(5);
    private const int MissedProbesMax = 2;

    /// <summary>Adds membership, endpoints and placement.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="cluster">Section <c>Cluster</c>.</param>
    /// <param name="host">Name of the runner host.</param>
    /// <exception cref="SiloStartException">The silos would talk in the clear over a network.</exception>
    public static ISiloBuilder AddCluster(
        this ISiloBuilder silo,
        ClusterStoreOptions cluster,
        string host
    )
    {
        silo.AddSiloPlacement(cluster.RunsAgents() ? host : "", cluster.Controls());
        if (!cluster.IsShared())
        {
            // One process: nobody else ever connects, any free loopback ports will do.
            silo.UseLocalhostClustering(
                FreePort(IPAddress.Loopback),
                gatewayPort: 0,
                serviceId: ServiceId,
                clusterId: "local"
            );
            silo.Configure<EndpointOptions>(o =>
            {
                o.AdvertisedIPAddress = IPAddress.Loopback;
                // People and programs use HTTP, which asks for a token; an Orleans client would not be asked.
                o.GatewayPort = 0;
            });
            return silo;
        }
        var address = AddressOf(cluster);
        if (cluster.Tls.IsOn())
        {
            AddTls(silo, cluster.Tls);
        }
        silo.UseAdoNetClustering(o =>
        {
            o.Invariant = OrleansDatabase.PostgresInvariant;
            o.ConnectionString = PostgresSource.ForOrleans(cluster.ConnectionString);
        });
        var table = silo.Services.Last(d => d.ServiceType == typeof(IMembershipTable));
        silo.Services.Remove(table);
        silo.Services.AddSingleton<IMembershipTable>(s =>
        {
            var own = (IMembershipTable)(
                table.ImplementationFactory?.Invoke(s)
                ?? ActivatorUtilities.CreateInstance(s, table.ImplementationType!)
            );
            return s.GetRequiredService<TimeProvider>() is StoreTime time
                ? new MembershipClock(own, time)
                : own;
        });
        silo.Configure<ClusterOptions>(o =>
        {
            o.ServiceId = ServiceId;
            o.ClusterId = cluster.Id;
        });
        silo.Configure<EndpointOptions>(o =>
        {
            o.AdvertisedIPAddress = address;
            o.SiloPort = cluster.SiloPort == 0 ? FreePort(address) : cluster.SiloPort;
            // No Orleans client ever connects: people and programs use HTTP.
            o.GatewayPort = 0;
            o.SiloListeningEndpoint = new IPEndPoint(address, o.SiloPort);
        });
        silo.Configure<ClusterMembershipOptions>(o =>
        {
            o.ProbeTimeout = ProbePeriod;
            o.NumMissedProbesLimit = MissedProbesMax;
            o.TableRefreshTimeout = TablePeriod;
            o.IAmAliveTablePublishTimeout = TablePeriod;
            // When a joining silo began is gossiped by its own clock: one that is minutes behind would be voted out as if it
            // had been joining for as long. Nobody waits for a silo that never ends to join.
            o.EvictWhenMaxJoinAttemptTimeExceeded = false;
        });
        return silo;
    }

    /// <summary>Notices at once when silos come and go. Before the runner's host, whose lease must not be without presence.</summary>
    public static IServiceCollection AddHostWatch(
        this IServiceCollection services,
        ClusterStoreOptions cluster
    )
    {
        services.AddHostedService(s =>
            ActivatorUtilities.CreateInstance<HostWatch>(
                s,
                cluster.RunsAgents()
                    ? s.GetRequiredService<IOptions<RunnerOptions>>().Value.Host
                    : "",
                cluster.Controls()
            )
        );
        services.AddHostedService(s => new MembershipWatch(
            s.GetRequiredService<IClusterMembershipService>(),
            s.GetRequiredService<IGrainFactory>(),
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<MembershipWatch>>(),
            cluster.RunsAgents() ? s.GetRequiredService<RunHost>() : null,
            cluster.Controls()
        ));
        return services;
    }

    private static IPAddress AddressOf(ClusterStoreOptions cluster)
    {
        if (!IPAddress.TryParse(cluster.Address, out var address))
        {
            throw new SiloStartException(
                $"'{cluster.Address}' (Cluster:Address) is no IP address. Name the one that the other silos reach this machine at."
            );
        }
        return IPAddress.IsLoopback(address) || cluster.Tls.IsOn() || cluster.AllowPlaintext
            ? address
            : throw new SiloStartException(
                $"Silos would talk to each other over the network at {address} in the clear. Give each a certificate (Cluster:Tls:Certificate, Cluster:Tls:Authority; docs/runbook.md shows how), or encrypt that network (a VPN) and set Cluster:AllowPlaintext=true, or keep all silos on this machine (Cluster:Address=127.0.0.1)."
            );
    }

    private static void AddTls(ISiloBuilder silo, SiloTlsOptions options)
    {
        // A silo that cannot show who it is must not start and be silent.
        SiloCertificates.Load(options, TimeProvider.System.GetUtcNow());
        silo.Services.AddSingleton(options);
        silo.Services.AddSingleton<SiloCertificates>();
        silo.Services.AddSingleton<SiloTls>();
        silo.Configure<SiloConnectionOptions>(o =>
        {
            o.ConfigureSiloInboundConnection(c =>
            {
                var tls = c.ApplicationServices.GetRequiredService<SiloTls>();
                c.Use(next => connection => tls.AcceptAsync(connection, next));
            });
            o.ConfigureSiloOutboundConnection(c =>
            {
                var tls = c.ApplicationServices.GetRequiredService<SiloTls>();
                c.Use(next => connection => tls.ConnectAsync(connection, next));
            });
        });
    }

    private static int FreePort(IPAddress address)
    {
        using var listener = new TcpListener(address, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
