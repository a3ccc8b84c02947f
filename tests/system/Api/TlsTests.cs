using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Xunit;

namespace Orchestrator.SystemTests.Api;

/// <summary>HTTP over TLS, with a certificate from the settings.</summary>
public sealed class TlsTests
{
    [Fact]
    public async Task An_https_address_is_served_with_the_certificate_of_the_settings()
    {
        var folder = SiloProcess.NewFolder();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        var (cert, pem) = (Path.Combine(folder, "tls.crt"), Path.Combine(folder, "tls.key"));
        await File.WriteAllTextAsync(cert, certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(pem, key.ExportPkcs8PrivateKeyPem());
        // The first address is the local clients'; the second is for others.
        await using var silo = await SiloProcess.StartAsync(
            "--urls",
            "http://127.0.0.1:0;https://127.0.0.1:0",
            "--Kestrel:Certificates:Default:Path",
            cert,
            "--Kestrel:Certificates:Default:KeyPath",
            pem
        );

        var doctor = await silo.Client.GetDoctorAsync();
        var secure = doctor
            .Checks.Single(c => c.Name == "address")
            .Message.Split(", ")
            .Single(a => a.StartsWith("https://", StringComparison.Ordinal));
        using var handler = new HttpClientHandler();
        handler.ServerCertificateCustomValidationCallback = (_, shown, _, _) =>
            shown!.Thumbprint == certificate.Thumbprint;
        using var http = new HttpClient(handler);
        Assert.Equal(Uri.UriSchemeHttp, silo.Address.Scheme);
        Assert.Equal(
            HttpStatusCode.OK,
            (await http.GetAsync(new Uri(secure + "/health/ready"))).StatusCode
        );
        using var answer = await http.GetAsync(new Uri(secure + "/health/live"));
        Assert.Equal(
            "max-age=31536000",
            Assert.Single(answer.Headers.GetValues("Strict-Transport-Security"))
        );
        var doors = (await silo.Client.GetSecurityDoctorAsync()).Checks;
        Assert.Equal(
            [("ok", silo.Address.Scheme), ("ok", Uri.UriSchemeHttps)],
            doors
                .Where(c => c.Name == "address")
                .Select(c => (c.Level, new Uri(c.Message.Split(": ")[0]).Scheme))
                .Order()
        );
        Assert.Equal("warn", doors.Single(c => c.Name == "HTTP certificate").Level);
    }
}
