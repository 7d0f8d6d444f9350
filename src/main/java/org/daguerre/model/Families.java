package org.daguerre.model;

import java.util.List;
import org.daguerre.model.refiner.RefinerFamily;
import org.daguerre.model.sd1.Sd1Family;
import org.daguerre.model.sd2.Sd2Family;
import org.daguerre.model.sdxl.SdxlFamily;
import org.daguerre.weights.CheckpointException;
import org.daguerre.weights.ModelSource;

/** The list of families; the first that matches is taken. */
public final class Families {
    private static final List<ModelFamily> ALL = List.of(new SdxlFamily(), new RefinerFamily(), new Sd2Family(), new Sd1Family());

    private Families() {
    }

    /** @throws CheckpointException if no family matches */
    public static ModelFamily of(ModelSource source) {
        for (ModelFamily family : ALL) {
            if (family.matches(source)) {
                return family;
            }
        }
        throw CheckpointException.of(source.path(), "a model of " + ALL.stream().map(ModelFamily::name).toList(),
            "components " + source.components());
    }
}
