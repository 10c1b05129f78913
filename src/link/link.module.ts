import { Module } from '@nestjs/common';
import { ClickEffects } from './click-effects.js';
import { Links, LinkUpkeep } from './contract.js';
import { ClickRepository } from './data/click.repository.js';
import { LinkRepository } from './data/link.repository.js';
import { LinkController } from './http/link.controller.js';
import { PixelController } from './http/pixel.controller.js';
import { QrController } from './http/qr.controller.js';
import { RedirectController } from './http/redirect.controller.js';
import { LinkService } from './link.service.js';
import { LinkAddresses } from './link-addresses.js';
import { LinkCatalogue } from './link-catalogue.js';
import { LinkVisits } from './link-visits.js';
import { MessageOpens } from './message-opens.js';
import { QrImages } from './qr-images.js';

@Module({
  controllers: [LinkController, RedirectController, PixelController, QrController],
  providers: [
    LinkRepository,
    ClickRepository,
    LinkAddresses,
    LinkCatalogue,
    LinkService,
    LinkVisits,
    ClickEffects,
    MessageOpens,
    QrImages,
    { provide: Links, useExisting: LinkService },
    { provide: LinkUpkeep, useExisting: ClickEffects },
  ],
  exports: [Links, LinkUpkeep],
})
export class LinkModule {}
