using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orchestrator.Decisions.Doors;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.Silo.Cluster.Tls;
using static Orchestrator.Decisions.Health.MachineChecks;

namespace Orchestrator.Silo.Health.Probes;

/// <summary>When the certificates end that are shown to clients and to other silos.</summary>
internal sealed class CertificateProbe(
    IServiceProvider services,
    IConfiguration configuration,
    TimeProvider time
) : IDoctorProbe
{
    /// <inheritdoc />
    public string Name => "certificates";

    /// <inheritdoc />
    public Task<IReadOnlyList<DoctorCheck>> LookAsync(
        DoctorVisit visit,
        CancellationToken cancellationToken
    )
    {
        var checks = new List<DoctorCheck>();
        if (Http(configuration, time.GetUtcNow()) is { } http)
        {
            checks.Add(http);
        }
        if (services.GetService<SiloCertificates>() is { } certificates)
        {
            checks.Add(Silo(certificates));
        }
        return Task.FromResult<IReadOnlyList<DoctorCheck>>(checks);
    }

    private DoctorCheck Silo(SiloCertificates certificates)
    {
        const string Line = "silo certificate";
        const string Cure =
            "Put a renewed one in its place: it is taken for new connections without a restart.";
        try
        {
            var judged = DoorChecks.Certificate(
                Line,
                certificates.Current().EndsAt,
                time.GetUtcNow()
            );
            return judged.Cure.Length > 0 ? judged with { Cure = Cure } : judged;
        }
        catch (SiloStartException e)
        {
            return Fail(Line, e.Message, Cure);
        }
    }

    /// <summary>The line of the certificate that HTTP shows, or null when none is set.</summary>
    public static DoctorCheck? Http(IConfiguration configuration, DateTimeOffset now)
    {
        const string Line = "HTTP certificate";
        var section = configuration.GetSection("Kestrel:Certificates:Default");
        if (section["Path"] is not { Length: > 0 } path)
        {
            return null;
        }
        try
        {
            using var certificate =
                X509Certificate2.GetCertContentType(path) == X509ContentType.Pkcs12
                    ? X509CertificateLoader.LoadPkcs12FromFile(path, section["Password"])
                    : X509CertificateLoader.LoadCertificateFromFile(path);
            return DoorChecks.Certificate(Line, certificate.NotAfter.ToUniversalTime(), now);
        }
        catch (Exception e)
            when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            return Warn(
                Line,
                $"{path} cannot be read now: {e.Message}",
                "Put the file back: the next start needs it (Kestrel:Certificates:Default:Path)."
            );
        }
    }
}
