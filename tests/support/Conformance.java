import java.io.FileInputStream;
import java.util.List;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.flavours.PDFAFlavour;

/** Asks veraPDF which rules of PDF/A-2a and PDF/UA-1 each of the named files breaks. */
public class Conformance {
    private static final List<PDFAFlavour> ASKED = List.of(PDFAFlavour.PDFA_2_A, PDFAFlavour.PDFUA_1);

    public static void main(String[] names) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        var foundry = Foundries.defaultInstance();
        for (var name : names) {
            for (var asked : ASKED) {
                try (var file = new FileInputStream(name);
                     var parser = foundry.createParser(file, asked);
                     var validator = foundry.createValidator(asked, false)) {
                    var result = validator.validate(parser);
                    System.out.printf("%s\t%s\t%d%n", name, asked, result.getTotalAssertions());
                    for (var broken : result.getTestAssertions()) {
                        var rule = broken.getRuleId();
                        System.out.printf("%s\t%s\t%s-%d %s%n", name, asked, rule.getClause(),
                            rule.getTestNumber(), broken.getMessage().replaceAll("\\s+", " "));
                    }
                }
            }
        }
    }
}
