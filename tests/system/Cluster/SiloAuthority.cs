using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Orchestrator.SystemTests.Cluster;

/// <summary>An authority that signs certificates of silos, in a folder of its own.</summary>
internal sealed class SiloAuthority : IDisposable
{
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 certificate;
    private readonly string folder = SiloProcess.NewFolder();

    public SiloAuthority(string name)
    {
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(
            new X509BasicConstraintsExtension(
                certificateAuthority: true,
                hasPathLengthConstraint: false,
                0,
                critical: true
            )
        );
        certificate = request.CreateSelfSigned(Now.AddDays(-90), Now.AddDays(90));
        File = Path.Combine(folder, "ca.pem");
        System.IO.File.WriteAllText(File, certificate.ExportCertificatePem());
    }

    /// <summary>Its certificate, PEM.</summary>
    public string File { get; }

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public void Dispose()
    {
        certificate.Dispose();
        key.Dispose();
    }

    /// <summary>A certificate for a silo.</summary>
    public X509Certificate2 Sign(
        string dns = "orchestrator-silo",
        int fromDays = -1,
        int toDays = 60
    )
    {
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=a silo", own, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(dns);
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(
            certificate,
            Now.AddDays(fromDays),
            Now.AddDays(toDays),
            RandomNumberGenerator.GetBytes(8)
        );
        return signed.CopyWithPrivateKey(own);
    }

    /// <summary>Writes a certificate and its key; the arguments that make a silo show them and trust this authority.</summary>
    public string[] Arguments(X509Certificate2 silo, string? name = null)
    {
        var cert = Path.Combine(folder, (name ?? Guid.NewGuid().ToString("N")) + ".pem");
        using var own = silo.GetECDsaPrivateKey()!;
        // The key first: whoever looks at the certificate's file finds both renewed.
        System.IO.File.WriteAllText(cert + ".key", own.ExportPkcs8PrivateKeyPem());
        System.IO.File.WriteAllText(cert, silo.ExportCertificatePem());
        return
        [
            "--Cluster:Tls:Certificate=" + cert,
            "--Cluster:Tls:Key=" + cert + ".key",
            "--Cluster:Tls:Authority=" + File,
        ];
    }
}
